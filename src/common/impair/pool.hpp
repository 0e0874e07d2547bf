// Where packets wait: nodes that all chains of one owner share, and lists of nodes.
// Memory grows with the packets that wait at the same time, not with the number of chains; nothing is
// allocated per packet once the pool has grown. Not for several threads.
// Invariant: a node is free or in exactly one list or delay line, or on a wire.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "impair/packet.hpp"

namespace sennit::impair {

using NodeId = base::Identifier<struct NodeTag, std::uint32_t>;
inline constexpr NodeId kNoNode{~std::uint32_t{0}};

// A packet that waits.
struct Node {
  Packet packet;
  NodeId next = kNoNode;
  NodeId twin = kNoNode;         // another waiting packet with the same buffer
  std::uint32_t wire_bytes = 0;  // size on the wire, overhead included
  std::uint32_t sequence = 0;    // order of arrival, wraps
  base::Instant arrived{};       // push() of the chain
  base::Instant release{};       // when it leaves the delay line
  Damage damage{};
  Fate fate = Fate::kDelivered;
  bool is_marked = false;
};

class PacketPool {
 public:
  // A node for this packet, taken from those that are free.
  NodeId take(Packet packet);
  // A second node for the same packet and buffer.
  NodeId copy(NodeId original);
  // Frees the node. Tells whether its buffer has no other node.
  bool give_back(NodeId id);
  Node& operator[](NodeId id) { return nodes_[id.value]; }
  const Node& operator[](NodeId id) const { return nodes_[id.value]; }
  // Nodes taken and not given back.
  std::size_t in_use() const { return in_use_; }

 private:
  std::vector<Node> nodes_;
  NodeId free_ = kNoNode;
  std::size_t in_use_ = 0;
};

// First in, first out.
class NodeList {
 public:
  bool empty() const { return first_ == kNoNode; }
  NodeId front() const { return first_; }
  NodeId back() const { return last_; }
  void push(PacketPool& pool, NodeId id);
  // The first; the list is not empty.
  NodeId pop(PacketPool& pool);

 private:
  NodeId first_ = kNoNode;
  NodeId last_ = kNoNode;
};

}  // namespace sennit::impair
