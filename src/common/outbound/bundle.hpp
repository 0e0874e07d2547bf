// Small inner packets that go to one path at the same time -> one frame, so that they share a datagram's cost
// on the wire and in the cipher (protocol.md section 5.2). Stands between schedule and seal; copies what it
// takes. Knows no path and waits for nothing: the peer takes the frame at the end of the call at the latest,
// so no packet is delayed for the sake of another. Invariant: packets of a flow leave in the order in which
// they came.
#pragma once

#include <array>
#include <cstdint>

#include "base/packet.hpp"
#include "base/units.hpp"
#include "wire/frames.hpp"

namespace sennit::outbound {

class Bundle {
 public:
  // Frames are no larger, even where a path would take more.
  static constexpr std::size_t kCapacity = 1500;
  // Larger packets gain nothing from company.
  static constexpr std::size_t kLargestPacket = 640;

  // False: it does not fit into a frame of `largest_frame` bytes beside what is there.
  bool add(const wire::BundledPacket& packet, std::size_t largest_frame);
  // An acknowledgement takes the place, and the number, of the one before it, which says less and would
  // arrive at the same moment. False: the flow's newest packet in this frame is no such one.
  bool replace(base::FlowBucket bucket, base::ConstByteSpan packet);
  std::size_t count() const { return count_; }
  // The frame, valid until the next add(): a plain data frame where there is one packet only. Empties the
  // bundle.
  base::ConstByteSpan take();

 private:
  std::array<std::uint8_t, kCapacity> frame_;
  std::size_t size_ = 0;
  std::size_t count_ = 0;
};

}  // namespace sennit::outbound
