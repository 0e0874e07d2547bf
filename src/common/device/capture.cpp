#include "device/capture.hpp"

namespace sennit::device {

namespace {
// Beside a packet's bytes.
constexpr std::size_t kOverhead = sizeof(CapturedPacket);
}  // namespace

void Capture::note(Point point, Direction direction, base::ConstByteSpan packet, base::Instant now) {
  const auto size = packet.size() + kOverhead;
  if (held_ + size > kMostBytes) {
    ++captured_.missed;
    return;
  }
  held_ += size;
  captured_.packets.push_back({now, point, direction, {packet.begin(), packet.end()}});
}

Captured Capture::take() {
  held_ = 0;
  return std::exchange(captured_, {});
}

}  // namespace sennit::device
