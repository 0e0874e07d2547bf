// The outer types and headers of all datagrams (protocol.md sections 1, 2, 3 and 4): bytes to structs and
// back. Handshake messages are parsed here as far as they are plain; control/ decrypts them. No keys, no
// clock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/packet.hpp"
#include "base/units.hpp"
#include "wire/bytes.hpp"

namespace sennit::wire {

inline constexpr std::uint8_t kVersion = 1;

enum class MessageType : std::uint8_t {
  kInitiation = 1,
  kResponse = 2,
  kCookieReply = 3,
  kSealed = 4,
};

inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kMacSize = 16;

// The type of a datagram by its first byte; none for reserved types and empty datagrams.
inline std::optional<MessageType> message_type(base::ConstByteSpan datagram) {
  if (datagram.empty()) return std::nullopt;
  const unsigned type = datagram.front() >> 5U;
  if (type < 1 || type > 4) return std::nullopt;
  return static_cast<MessageType>(type);
}

//   byte 0        1..3              4..7                     8..
//  +-----+-----+-----------------+------------------------+------------------+-----+
//  | 4:3 |path5| receiver's index| low 32 bits of counter | ciphertext …     | tag |
//  +-----+-----+-----------------+------------------------+------------------+-----+
struct SealedHeader {
  static constexpr std::size_t kSize = 8;
  base::PathId path;
  base::SessionIndex receiver;
  std::uint32_t counter_low = 0;

  // None when shorter than header and tag, or of another type.
  static std::optional<SealedHeader> parse(base::ConstByteSpan datagram);
  void serialize(std::span<std::uint8_t, kSize> out) const;
};

// The plain frame of an initiation; spans point into the datagram.
struct Initiation {
  static constexpr std::size_t kHeaderSize = 8;
  static constexpr std::size_t kMinSize = 400;
  static constexpr std::size_t kMaxSize = 1200;

  base::SessionIndex sender;
  std::uint8_t version = kVersion;
  base::ConstByteSpan header;  // the first kHeaderSize bytes: part of the prologue
  base::ConstByteSpan noise;   // the Noise message
  base::ConstByteSpan mac1;
  base::ConstByteSpan mac2;
  base::ConstByteSpan before_mac1;  // what mac1 covers
  base::ConstByteSpan before_mac2;  // what mac2 covers

  static std::optional<Initiation> parse(base::ConstByteSpan datagram);
  static void write_header(base::SessionIndex sender, std::span<std::uint8_t, kHeaderSize> out);
};

struct Response {
  static constexpr std::size_t kHeaderSize = 8;
  static constexpr std::size_t kMinSize = kHeaderSize + 32 + 16 + kMacSize;
  static constexpr std::size_t kMaxSize = Initiation::kMaxSize;

  base::SessionIndex receiver;
  std::uint8_t version = kVersion;
  base::ConstByteSpan noise;
  base::ConstByteSpan mac1;
  base::ConstByteSpan before_mac1;

  static std::optional<Response> parse(base::ConstByteSpan datagram);
  static void write_header(base::SessionIndex receiver, std::span<std::uint8_t, kHeaderSize> out);
};

struct CookieReply {
  static constexpr std::size_t kSize = 64;

  base::SessionIndex receiver;
  std::array<std::uint8_t, 24> nonce{};
  std::array<std::uint8_t, 32> sealed_cookie{};

  static std::optional<CookieReply> parse(base::ConstByteSpan datagram);
  void serialize(std::span<std::uint8_t, kSize> out) const;
};

// The text that goes in front of the initiation's header.
inline constexpr std::array<std::uint8_t, 9> kProloguePrefix = {'S', 'e', 'n', 'n', 'i', 't', ' ', 'v', '1'};

inline std::optional<SealedHeader> SealedHeader::parse(base::ConstByteSpan datagram) {
  if (datagram.size() < kSize + kTagSize || message_type(datagram) != MessageType::kSealed)
    return std::nullopt;
  Reader reader(datagram);
  SealedHeader header;
  header.path.value = reader.u8() & 0x1FU;
  header.receiver.value = reader.u24();
  header.counter_low = reader.u32();
  return header;
}

inline void SealedHeader::serialize(std::span<std::uint8_t, kSize> out) const {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(0x80U | (path.value & 0x1FU)));
  writer.u24(receiver.value);
  writer.u32(counter_low);
}

}  // namespace sennit::wire
