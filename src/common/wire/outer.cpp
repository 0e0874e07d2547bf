#include "wire/outer.hpp"

namespace sennit::wire {
namespace {

// What initiation and response begin with: type, index, version, reserved.
struct HandshakeHeader {
  base::SessionIndex index;
  std::uint8_t version = 0;
};

HandshakeHeader read_header(base::ConstByteSpan datagram) {
  Reader reader(datagram);
  reader.skip(1);
  HandshakeHeader header;
  header.index.value = reader.u24();
  header.version = reader.u8();
  return header;
}

void write_handshake_header(MessageType type, base::SessionIndex index, base::ByteSpan out) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 5U));
  writer.u24(index.value);
  writer.u8(kVersion);
  writer.zeros(3);
}

bool is_message(base::ConstByteSpan datagram, MessageType type, std::size_t smallest, std::size_t largest) {
  return datagram.size() >= smallest && datagram.size() <= largest && message_type(datagram) == type;
}

}  // namespace

std::optional<Initiation> Initiation::parse(base::ConstByteSpan datagram) {
  if (!is_message(datagram, MessageType::kInitiation, kMinSize, kMaxSize)) return std::nullopt;
  const HandshakeHeader header = read_header(datagram);
  Initiation message;
  message.sender = header.index;
  message.version = header.version;
  message.header = datagram.first(kHeaderSize);
  message.before_mac2 = datagram.first(datagram.size() - kMacSize);
  message.before_mac1 = datagram.first(datagram.size() - 2 * kMacSize);
  message.noise = message.before_mac1.subspan(kHeaderSize);
  message.mac1 = message.before_mac2.last(kMacSize);
  message.mac2 = datagram.last(kMacSize);
  return message;
}

void Initiation::write_header(base::SessionIndex sender, std::span<std::uint8_t, kHeaderSize> out) {
  write_handshake_header(MessageType::kInitiation, sender, out);
}

std::optional<Response> Response::parse(base::ConstByteSpan datagram) {
  if (!is_message(datagram, MessageType::kResponse, kMinSize, kMaxSize)) return std::nullopt;
  const HandshakeHeader header = read_header(datagram);
  Response message;
  message.receiver = header.index;
  message.version = header.version;
  message.before_mac1 = datagram.first(datagram.size() - kMacSize);
  message.noise = message.before_mac1.subspan(kHeaderSize);
  message.mac1 = datagram.last(kMacSize);
  return message;
}

void Response::write_header(base::SessionIndex receiver, std::span<std::uint8_t, kHeaderSize> out) {
  write_handshake_header(MessageType::kResponse, receiver, out);
}

std::optional<CookieReply> CookieReply::parse(base::ConstByteSpan datagram) {
  if (!is_message(datagram, MessageType::kCookieReply, kSize, kSize)) return std::nullopt;
  Reader reader(datagram);
  reader.skip(1);
  CookieReply reply;
  reply.receiver.value = reader.u24();
  reader.skip(4);
  std::ranges::copy(reader.bytes(reply.nonce.size()), reply.nonce.begin());
  std::ranges::copy(reader.bytes(reply.sealed_cookie.size()), reply.sealed_cookie.begin());
  return reply;
}

void CookieReply::serialize(std::span<std::uint8_t, kSize> out) const {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(MessageType::kCookieReply) << 5U));
  writer.u24(receiver.value);
  writer.zeros(4);
  writer.bytes(nonce);
  writer.bytes(sealed_cookie);
}

}  // namespace sennit::wire
