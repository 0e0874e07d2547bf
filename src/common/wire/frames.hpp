// What is inside sealed datagrams (protocol.md section 5): data, bundles, fragments and control messages.
// Parsing gives views into the plaintext; nothing is copied. Never throws, for any input.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/packet.hpp"
#include "base/units.hpp"
#include "wire/bytes.hpp"
#include "wire/report.hpp"

namespace sennit::wire {

enum class FrameKind : std::uint8_t {
  kData = 1,
  kBundle = 2,
  kFragment = 3,
  kControl = 4,
};

// Flags of kData.
inline constexpr std::uint8_t kFlagCopies = 0x01;  // goes out on several paths; the first copy is delivered
inline constexpr std::uint8_t kFlagOpenChecksum = 0x02;  // of TCP or UDP: base::Checksum::kOpen
// The sender keeps the packet and sends again what a report says is missing: a gap in front of it is worth
// waiting for.
inline constexpr std::uint8_t kFlagKept = 0x04;

//   0      1       2..3     4..7       8..
//  +------+-------+--------+----------+----------------
//  | kind | flags | bucket | sequence | inner packet …
//  +------+-------+--------+----------+----------------
// of kData and kFragment alike.
struct DataHeader {
  static constexpr std::size_t kSize = 8;
  FrameKind kind = FrameKind::kData;
  std::uint8_t flags = 0;
  base::FlowBucket bucket;
  base::FlowSequence sequence;

  static std::optional<DataHeader> parse(base::ConstByteSpan frame);
  void serialize(std::span<std::uint8_t, kSize> out) const;
};

// Position of a fragment within its packet: the flags byte of kFragment.
struct FragmentPosition {
  static constexpr std::uint8_t kMaxFragments = 8;
  std::uint8_t number = 0;
  bool is_last = false;

  static FragmentPosition from_flags(std::uint8_t flags) {
    return {static_cast<std::uint8_t>(flags & 0x7FU), (flags & 0x80U) != 0};
  }
  std::uint8_t to_flags() const {
    return static_cast<std::uint8_t>((number & 0x7FU) | (is_last ? 0x80U : 0U));
  }
};

// One packet of a bundle.
struct BundledPacket {
  static constexpr std::size_t kHeaderSize = 8;
  base::FlowBucket bucket;
  base::FlowSequence sequence;
  base::ByteSpan packet;
};

// Walks a bundle in place: next() until none; ok() then tells whether it ended cleanly (not truncated, at
// least one packet).
class BundleReader {
 public:
  explicit BundleReader(base::ByteSpan frame);
  std::optional<BundledPacket> next();
  bool ok() const { return ok_; }

 private:
  base::ByteSpan rest_;
  bool ok_ = true;
};

// Appends packets to a bundle frame.
class BundleWriter {
 public:
  static constexpr std::size_t kHeaderSize = 2;
  // Goes on behind `written` bytes that an earlier writer put there; zero: begins the frame.
  explicit BundleWriter(base::ByteSpan out, std::size_t written = 0);
  // False: it did not fit; nothing was written.
  bool add(const BundledPacket& packet);
  std::size_t written() const { return writer_.written(); }

 private:
  Writer writer_;
};

enum class ControlType : std::uint8_t {
  kPadding = 0,
  kProbe = 1,
  kPath = 2,
  kClose = 3,
  kReport = 4,
  kCapacity = 5,
};

struct Probe {
  static constexpr std::size_t kSize = 28;
  bool wants_reply = false;
  bool has_echo = false;
  std::uint16_t echo_size = 0;  // UDP payload bytes of the datagram that is echoed
  std::uint32_t sent_at = 0;    // µs, sender's clock
  std::uint32_t echo = 0;       // µs, receiver's own earlier sent_at
  std::uint32_t hold = 0;       // µs
  std::uint32_t received = 0;   // authenticated datagrams on this path
  std::uint32_t expected = 0;   // highest counter on this path plus one

  static std::optional<Probe> parse(base::ConstByteSpan body);
  void serialize(Writer& out) const;  // body only
};

enum class AnnouncedState : std::uint8_t {
  kDown = 0,
  kUp = 1,
  kBackup = 2,
};

struct PathAnnouncement {
  static constexpr std::size_t kMinSize = 17;
  static constexpr std::size_t kMaxName = 31;
  base::PathId path;
  AnnouncedState state = AnnouncedState::kUp;
  std::uint16_t link_mtu = 0;
  base::BitRate rate;  // zero: not told
  std::uint32_t cost = 0;
  // Printable UTF-8; anything else makes the message malformed. Beyond kMaxName bytes it is cut, in both
  // directions.
  std::string_view name;

  static std::optional<PathAnnouncement> parse(base::ConstByteSpan body);
  void serialize(Writer& out) const;
};

// What the sender of a path has found out about it, for the receiver's status.
struct CapacityNote {
  static constexpr std::size_t kSize = 10;
  base::PathId path;
  bool is_saturated = false;
  std::uint8_t cause = 0;  // why it carries no more, as numbered there, 0 to kMostCauses - 1; zero: not told
  base::BitRate capacity;  // zero: not known
  static constexpr std::uint8_t kMostCauses = 8;

  static std::optional<CapacityNote> parse(base::ConstByteSpan body);
  void serialize(Writer& out) const;
  bool operator==(const CapacityNote&) const = default;
};

enum class CloseReason : std::uint8_t {
  kShutdown = 0,
  kTunnelChanged = 1,
};

// A reason that this version does not know is read as a shutdown.
struct Close {
  CloseReason reason = CloseReason::kShutdown;
  static std::optional<Close> parse(base::ConstByteSpan body);
  void serialize(Writer& out) const;
};

// One message of a control frame: type byte and body; unknown types are the caller's to skip.
struct ControlMessage {
  std::uint8_t type = 0;
  base::ConstByteSpan body;
};

// Walks a control frame (kind byte included): next() until none; ok() tells whether it ended cleanly.
class ControlReader {
 public:
  explicit ControlReader(base::ConstByteSpan frame);
  std::optional<ControlMessage> next();
  bool ok() const { return reader_.ok(); }

 private:
  Reader reader_;
};

// Writes a control frame: kind byte first, then messages.
class ControlWriter {
 public:
  explicit ControlWriter(base::ByteSpan out);
  void add(const Probe& probe);
  void add(const PathAnnouncement& path);
  void add(const Close& close);
  void add(const Report& report);
  void add(const CapacityNote& note);
  // Padding so that the frame is `frame_size` bytes long in all; nothing when it already is that long.
  // A gap of one or two bytes stays: a padding message takes three.
  void pad_to(std::size_t frame_size);
  std::size_t written() const { return writer_.written(); }
  bool ok() const { return writer_.ok(); }

 private:
  template <class Message>
  void add_message(ControlType type, std::size_t size, const Message& message);

  Writer writer_;
};

inline std::optional<DataHeader> DataHeader::parse(base::ConstByteSpan frame) {
  Reader reader(frame);
  DataHeader header;
  header.kind = FrameKind{reader.u8()};
  header.flags = reader.u8();
  header.bucket.value = reader.u16();
  header.sequence.value = reader.u32();
  const bool is_data = header.kind == FrameKind::kData || header.kind == FrameKind::kFragment;
  if (!reader.ok() || !is_data) return std::nullopt;
  return header;
}

inline void DataHeader::serialize(std::span<std::uint8_t, kSize> out) const {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u8(flags);
  writer.u16(bucket.value);
  writer.u32(sequence.value);
}

}  // namespace sennit::wire
