#include "outbound/bundle.hpp"

#include <algorithm>
#include <utility>

#include "wire/tcp_ack.hpp"

namespace sennit::outbound {

namespace {
// Where the data header of a packet that stayed alone is put: right in front of the packet.
constexpr std::size_t kLoneFrame = wire::BundleWriter::kHeaderSize;
static_assert(wire::DataHeader::kSize == wire::BundledPacket::kHeaderSize);
// IPv6 and TCP with timestamps; a longer one is left alone.
constexpr std::size_t kLargestAcknowledgement = 40 + 32;
}  // namespace

bool Bundle::add(const wire::BundledPacket& packet, std::size_t largest_frame) {
  const auto limit = count_ == 0 ? largest_frame + kLoneFrame : largest_frame;
  const auto room = base::ByteSpan(frame_).first(std::min(kCapacity, limit));
  if (size_ > room.size()) return false;
  wire::BundleWriter writer(room, size_);
  if (!writer.add(packet)) return false;
  size_ = writer.written();
  ++count_;
  return true;
}

bool Bundle::replace(base::FlowBucket bucket, base::ConstByteSpan packet) {
  if (packet.size() > kLargestAcknowledgement) return false;
  wire::BundleReader reader(base::ByteSpan(frame_).first(size_));
  base::ByteSpan newest;
  for (std::size_t i = 0; i < count_; ++i) {
    const auto other = reader.next();
    if (other->bucket == bucket) newest = other->packet;
  }
  if (newest.empty() || !wire::supersedes(packet, newest)) return false;
  base::copy_bytes(packet, newest);
  return true;
}

base::ConstByteSpan Bundle::take() {
  const auto size = std::exchange(size_, 0);
  if (std::exchange(count_, 0) != 1) return base::ConstByteSpan(frame_).first(size);
  const auto frame = base::ByteSpan(frame_).first(size).subspan(kLoneFrame);
  wire::Reader header(frame);
  header.skip(sizeof(std::uint16_t));
  const base::FlowBucket bucket{header.u16()};
  const base::FlowSequence sequence{header.u32()};
  wire::DataHeader{wire::FrameKind::kData, 0, bucket, sequence}.serialize(
      frame.first<wire::DataHeader::kSize>());
  return frame;
}

}  // namespace sennit::outbound
