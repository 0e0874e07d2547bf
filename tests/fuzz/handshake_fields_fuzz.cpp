// Handshake fields: whatever parses is written again, and that parses to the same.
#include "fuzz/require.hpp"
#include "wire/handshake_fields.hpp"

namespace {

using namespace sennit;
using fuzz::require;

constexpr std::size_t kEnough = 1U << 20U;

bool are_equal(const wire::InitiationFields& a, const wire::InitiationFields& b) {
  return a.timestamp == b.timestamp && a.ciphers == b.ciphers && a.addresses == b.addresses &&
         a.networks == b.networks && a.software == b.software;
}

bool are_equal(const wire::ResponseFields& a, const wire::ResponseFields& b) {
  return a.cipher == b.cipher && a.index == b.index && a.addresses == b.addresses &&
         a.gateway_addresses == b.gateway_addresses && a.networks == b.networks && a.software == b.software;
}

void check_initiation(base::ConstByteSpan payload) {
  const auto fields = wire::InitiationFields::parse(payload);
  if (!fields) return;
  const auto written = fields->serialize(payload.size(), kEnough);
  require(written.has_value() && written->size() >= payload.size(), "it is written, and padded as asked for");
  const auto again = wire::InitiationFields::parse(*written);
  require(again && are_equal(*fields, *again), "initiation fields survive");
}

void check_response(base::ConstByteSpan payload) {
  const auto fields = wire::ResponseFields::parse(payload);
  if (!fields) return;
  const auto written = fields->serialize(kEnough);
  require(written && written->size() <= payload.size(), "it is written without growing");
  const auto again = wire::ResponseFields::parse(*written);
  require(again && are_equal(*fields, *again), "response fields survive");
  const auto shortened = fields->serialize(written->size() / 2);
  require(!shortened || wire::ResponseFields::parse(*shortened), "a shortened response parses");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_initiation({data, size});
  check_response({data, size});
  return 0;
}
