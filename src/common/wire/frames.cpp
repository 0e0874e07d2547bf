#include "wire/frames.hpp"

#include "wire/text.hpp"

namespace sennit::wire {
namespace {

constexpr std::size_t kMessageHeaderSize = 3;
constexpr std::size_t kLongestBody = 0xFFFF;
constexpr std::uint8_t kWantsReply = 0x01;
constexpr std::uint8_t kHasEcho = 0x02;
constexpr std::uint8_t kIsSaturated = 0x01;
constexpr unsigned kCauseShift = 1;

// At most PathAnnouncement::kMaxName bytes of the name, ending with a whole character.
std::string_view cut_name(std::string_view name) {
  if (name.size() <= PathAnnouncement::kMaxName) return name;
  std::size_t size = PathAnnouncement::kMaxName;
  while (size > 0 && (static_cast<std::uint8_t>(name[size]) & 0xC0U) == 0x80) --size;
  return name.substr(0, size);
}

std::string_view as_text(base::ConstByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

base::ConstByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

BundleReader::BundleReader(base::ByteSpan frame) {
  ok_ = frame.size() > BundleWriter::kHeaderSize && FrameKind{frame[0]} == FrameKind::kBundle;
  if (ok_) rest_ = frame.subspan(BundleWriter::kHeaderSize);
}

std::optional<BundledPacket> BundleReader::next() {
  if (rest_.empty()) return std::nullopt;
  Reader reader(rest_);
  const std::size_t size = reader.u16();
  BundledPacket packet;
  packet.bucket.value = reader.u16();
  packet.sequence.value = reader.u32();
  reader.skip(size);
  if (!reader.ok()) {
    ok_ = false;
    rest_ = {};
    return std::nullopt;
  }
  packet.packet = rest_.subspan(BundledPacket::kHeaderSize, size);
  rest_ = rest_.subspan(BundledPacket::kHeaderSize + size);
  return packet;
}

BundleWriter::BundleWriter(base::ByteSpan out, std::size_t written) : writer_(out) {
  if (written > 0) {
    writer_.skip(written);
    return;
  }
  writer_.u8(static_cast<std::uint8_t>(FrameKind::kBundle));
  writer_.u8(0);
}

bool BundleWriter::add(const BundledPacket& packet) {
  const std::size_t size = packet.packet.size();
  if (!writer_.ok() || size > 0xFFFF || BundledPacket::kHeaderSize + size > writer_.space()) return false;
  writer_.u16(static_cast<std::uint16_t>(size));
  writer_.u16(packet.bucket.value);
  writer_.u32(packet.sequence.value);
  writer_.bytes(packet.packet);
  return true;
}

std::optional<Probe> Probe::parse(base::ConstByteSpan body) {
  Reader reader(body);
  Probe probe;
  const std::uint8_t flags = reader.u8();
  probe.wants_reply = (flags & kWantsReply) != 0;
  probe.has_echo = (flags & kHasEcho) != 0;
  reader.skip(1);
  probe.echo_size = reader.u16();
  probe.sent_at = reader.u32();
  probe.echo = reader.u32();
  probe.hold = reader.u32();
  probe.received = reader.u32();
  probe.expected = reader.u32();
  reader.skip(4);
  if (!reader.ok()) return std::nullopt;
  return probe;
}

void Probe::serialize(Writer& out) const {
  const unsigned flags = (wants_reply ? kWantsReply : 0U) | (has_echo ? kHasEcho : 0U);
  out.u8(static_cast<std::uint8_t>(flags));
  out.zeros(1);
  out.u16(echo_size);
  out.u32(sent_at);
  out.u32(echo);
  out.u32(hold);
  out.u32(received);
  out.u32(expected);
  out.zeros(4);
}

std::optional<PathAnnouncement> PathAnnouncement::parse(base::ConstByteSpan body) {
  Reader reader(body);
  PathAnnouncement path;
  path.path.value = reader.u8();
  path.state = AnnouncedState{reader.u8()};
  path.link_mtu = reader.u16();
  path.rate.bits_per_second = reader.u64();
  path.cost = reader.u32();
  const std::size_t name_length = reader.u8();
  path.name = as_text(reader.bytes(name_length));
  const bool is_known = path.path.value < base::kMaxPaths && path.state <= AnnouncedState::kBackup;
  if (!reader.ok() || !is_known || name_length > kMaxName || !is_printable_utf8(path.name))
    return std::nullopt;
  return path;
}

void PathAnnouncement::serialize(Writer& out) const {
  out.u8(path.value);
  out.u8(static_cast<std::uint8_t>(state));
  out.u16(link_mtu);
  out.u64(rate.bits_per_second);
  out.u32(cost);
  const auto kept = cut_name(name);
  out.u8(static_cast<std::uint8_t>(kept.size()));
  out.bytes(as_bytes(kept));
}

std::optional<Close> Close::parse(base::ConstByteSpan body) {
  if (body.empty()) return std::nullopt;
  const CloseReason reason{body.front()};
  return Close{reason == CloseReason::kTunnelChanged ? reason : CloseReason::kShutdown};
}

void Close::serialize(Writer& out) const {
  out.u8(static_cast<std::uint8_t>(reason));
}

std::optional<CapacityNote> CapacityNote::parse(base::ConstByteSpan body) {
  Reader reader(body);
  CapacityNote note;
  note.path.value = reader.u8();
  const auto flags = reader.u8();
  note.is_saturated = (flags & kIsSaturated) != 0;
  note.cause = flags >> kCauseShift & (kMostCauses - 1U);
  note.capacity.bits_per_second = reader.u64();
  if (!reader.ok() || note.path.value >= base::kMaxPaths) return std::nullopt;
  return note;
}

void CapacityNote::serialize(Writer& out) const {
  out.u8(path.value);
  out.u8(static_cast<std::uint8_t>((is_saturated ? kIsSaturated : 0U) | unsigned{cause} << kCauseShift));
  out.u64(capacity.bits_per_second);
}

ControlReader::ControlReader(base::ConstByteSpan frame) : reader_(frame) {
  const FrameKind kind{reader_.u8()};
  if (kind != FrameKind::kControl || reader_.rest().empty()) reader_.fail();
}

std::optional<ControlMessage> ControlReader::next() {
  if (reader_.rest().empty()) return std::nullopt;
  ControlMessage message;
  message.type = reader_.u8();
  message.body = reader_.bytes(reader_.u16());
  if (!reader_.ok()) return std::nullopt;
  return message;
}

ControlWriter::ControlWriter(base::ByteSpan out) : writer_(out) {
  writer_.u8(static_cast<std::uint8_t>(FrameKind::kControl));
}

template <class Message>
void ControlWriter::add_message(ControlType type, std::size_t size, const Message& message) {
  writer_.u8(static_cast<std::uint8_t>(type));
  writer_.u16(static_cast<std::uint16_t>(size));
  message.serialize(writer_);
}

void ControlWriter::add(const Probe& probe) {
  add_message(ControlType::kProbe, Probe::kSize, probe);
}

void ControlWriter::add(const PathAnnouncement& path) {
  add_message(ControlType::kPath, PathAnnouncement::kMinSize + cut_name(path.name).size(), path);
}

void ControlWriter::add(const Close& close) {
  add_message(ControlType::kClose, 1, close);
}

void ControlWriter::add(const Report& report) {
  add_message(ControlType::kReport, report.size(), report);
}

void ControlWriter::add(const CapacityNote& note) {
  add_message(ControlType::kCapacity, CapacityNote::kSize, note);
}

void ControlWriter::pad_to(std::size_t frame_size) {
  if (frame_size < written() + kMessageHeaderSize) return;
  const std::size_t size = std::min(frame_size - written() - kMessageHeaderSize, kLongestBody);
  writer_.u8(static_cast<std::uint8_t>(ControlType::kPadding));
  writer_.u16(static_cast<std::uint16_t>(size));
  writer_.zeros(size);
}

}  // namespace sennit::wire
