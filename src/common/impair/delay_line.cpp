#include "impair/delay_line.hpp"

#include <algorithm>

namespace sennit::impair {

namespace {

// Memory for more packets than this is given back when none overtakes.
constexpr std::size_t kKeptEarly = 32;

// Serial numbers wrap (RFC 1982).
bool comes_after(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) > 0;
}

}  // namespace

bool DelayLine::is_later(const Early& a, const Early& b) {
  return a.release != b.release ? a.release > b.release : comes_after(a.sequence, b.sequence);
}

bool DelayLine::is_early_next(const PacketPool& pool) const {
  if (early_.empty()) return false;
  const Node& head = pool[in_order_.front()];
  return is_later({head.release, head.sequence, {}}, early_.front());
}

Placed DelayLine::push(PacketPool& pool, NodeId id, base::Instant release) {
  pool[id].release = release;
  const bool overtakes = !empty() && release < last_release(pool);
  ++packets_;
  if (!overtakes) {
    in_order_.push(pool, id);
    return Placed::kBehind;
  }
  early_.push_back({release, pool[id].sequence, id});
  std::ranges::push_heap(early_, is_later);
  return Placed::kOvertakes;
}

NodeId DelayLine::pop(PacketPool& pool) {
  --packets_;
  if (!is_early_next(pool)) return in_order_.pop(pool);
  std::ranges::pop_heap(early_, is_later);
  const NodeId id = early_.back().id;
  early_.pop_back();
  if (early_.empty() && early_.capacity() > kKeptEarly) early_ = {};
  return id;
}

}  // namespace sennit::impair
