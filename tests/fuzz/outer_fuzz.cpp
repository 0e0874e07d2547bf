// Outer messages: at most one parser takes a datagram, spans stay inside it, headers come out the same again.
#include <algorithm>
#include <vector>

#include "fuzz/require.hpp"
#include "wire/outer.hpp"

namespace {

using namespace sennit;
using fuzz::require;

bool starts_with(base::ConstByteSpan bytes, base::ConstByteSpan start) {
  return bytes.size() >= start.size() && std::ranges::equal(bytes.first(start.size()), start);
}

void check_initiation(base::ConstByteSpan datagram, const wire::Initiation& message) {
  require(message.before_mac2.size() + wire::kMacSize == datagram.size(), "mac2 ends the datagram");
  require(message.before_mac1.size() + wire::kMacSize == message.before_mac2.size(),
          "mac1 is in front of mac2");
  require(message.header.size() + message.noise.size() == message.before_mac1.size(), "noise ends at mac1");
  std::vector<std::uint8_t> copy(datagram.begin(), datagram.end());
  wire::Initiation::write_header(message.sender, std::span(copy).first<wire::Initiation::kHeaderSize>());
  require(wire::Initiation::parse(copy)->sender == message.sender, "sender survives");
}

void check_response(base::ConstByteSpan datagram, const wire::Response& message) {
  require(message.before_mac1.size() + wire::kMacSize == datagram.size(), "mac1 ends the datagram");
  std::vector<std::uint8_t> copy(datagram.begin(), datagram.end());
  wire::Response::write_header(message.receiver, std::span(copy).first<wire::Response::kHeaderSize>());
  require(wire::Response::parse(copy)->receiver == message.receiver, "receiver survives");
}

void check_cookie_reply(const wire::CookieReply& reply) {
  std::array<std::uint8_t, wire::CookieReply::kSize> written{};
  reply.serialize(written);
  const auto again = wire::CookieReply::parse(written);
  require(again && again->receiver == reply.receiver && again->nonce == reply.nonce &&
              again->sealed_cookie == reply.sealed_cookie,
          "a cookie reply survives");
}

void check_sealed(base::ConstByteSpan datagram, const wire::SealedHeader& header) {
  std::array<std::uint8_t, wire::SealedHeader::kSize> written{};
  header.serialize(written);
  require(starts_with(datagram, written), "a sealed header comes out as it came in");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ConstByteSpan datagram(data, size);
  const auto initiation = wire::Initiation::parse(datagram);
  const auto response = wire::Response::parse(datagram);
  const auto reply = wire::CookieReply::parse(datagram);
  const auto sealed = wire::SealedHeader::parse(datagram);
  const int taken = int{initiation.has_value()} + int{response.has_value()} + int{reply.has_value()} +
                    int{sealed.has_value()};
  require(taken <= (wire::message_type(datagram) ? 1 : 0), "one type, one parser");
  if (initiation) check_initiation(datagram, *initiation);
  if (response) check_response(datagram, *response);
  if (reply) check_cookie_reply(*reply);
  if (sealed) check_sealed(datagram, *sealed);
  return 0;
}
