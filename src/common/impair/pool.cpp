#include "impair/pool.hpp"

namespace sennit::impair {

NodeId PacketPool::take(Packet packet) {
  if (free_ == kNoNode) {
    free_ = NodeId{static_cast<std::uint32_t>(nodes_.size())};
    nodes_.emplace_back();
  }
  const NodeId id = free_;
  free_ = nodes_[id.value].next;
  nodes_[id.value] = Node{.packet = packet};
  ++in_use_;
  return id;
}

NodeId PacketPool::copy(NodeId original) {
  const NodeId id = take(nodes_[original.value].packet);
  Node& first = nodes_[original.value];
  Node& second = nodes_[id.value];
  second = first;
  second.next = kNoNode;
  second.twin = original;
  first.twin = id;
  return id;
}

bool PacketPool::give_back(NodeId id) {
  Node& node = nodes_[id.value];
  const bool is_last = node.twin == kNoNode;
  if (!is_last) nodes_[node.twin.value].twin = kNoNode;
  node.next = free_;
  free_ = id;
  --in_use_;
  return is_last;
}

void NodeList::push(PacketPool& pool, NodeId id) {
  pool[id].next = kNoNode;
  if (empty()) {
    first_ = id;
  } else {
    pool[last_].next = id;
  }
  last_ = id;
}

NodeId NodeList::pop(PacketPool& pool) {
  const NodeId id = first_;
  first_ = pool[id].next;
  pool[id].next = kNoNode;
  return id;
}

}  // namespace sennit::impair
