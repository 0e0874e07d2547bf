#include "control/responder.hpp"

#include <algorithm>
#include <cstring>

#include "control/prologue.hpp"

namespace sennit::control {

namespace {

crypto::Mac mac1_of(const wire::Initiation& initiation) {
  crypto::Mac mac{};
  std::ranges::copy(initiation.mac1, mac.begin());
  return mac;
}

crypto::Cipher choose_cipher(std::uint8_t offered) {
  const bool both_accelerate = (offered & wire::kCipherAes256Gcm) != 0 && crypto::aes256gcm_available();
  return both_accelerate ? crypto::Cipher::kAes256Gcm : crypto::Cipher::kChaCha20Poly1305;
}

}  // namespace

std::size_t Responder::HashMac::operator()(const crypto::Mac& mac) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, mac.data(), sizeof hash);
  return hash;
}

base::ConstByteSpan Responder::recall(const wire::Initiation& initiation, base::Instant now) {
  const auto found = remembered_.find(mac1_of(initiation));
  const bool is_copy = found != remembered_.end() && found->second.until > now &&
                       found->second.question_size == initiation.before_mac2.size() + initiation.mac2.size();
  if (!is_copy || found->second.copies_left == 0) return {};
  --found->second.copies_left;
  return found->second.datagram;
}

std::optional<Call> Responder::read(const wire::Initiation& initiation) const {
  if (initiation.noise.size() < crypto::NoiseHandshake::kInitiationOverhead) return std::nullopt;
  Call call{crypto::NoiseHandshake::responder(make_prologue(initiation.header), own_,
                                              crypto::NoiseHandshake::Pattern::kIKpsk2),
            initiation.sender,
            {},
            mac1_of(initiation),
            initiation.before_mac2.size() + initiation.mac2.size()};
  std::vector<std::uint8_t> payload(initiation.noise.size() - crypto::NoiseHandshake::kInitiationOverhead);
  if (!call.noise.read_initiation(initiation.noise, payload)) return std::nullopt;
  auto fields = wire::InitiationFields::parse(payload);
  if (!fields || (fields->ciphers & wire::kCipherChaCha20Poly1305) == 0) return std::nullopt;
  call.fields = std::move(*fields);
  return call;
}

std::optional<Answer> Responder::answer(Call& call, const crypto::PresharedKey& preshared_key,
                                        wire::ResponseFields fields, base::Instant now) {
  constexpr std::size_t kFrame =
      wire::Response::kHeaderSize + crypto::NoiseHandshake::kResponseOverhead + wire::kMacSize;
  const auto cipher = choose_cipher(call.fields.ciphers);
  fields.cipher =
      cipher == crypto::Cipher::kAes256Gcm ? wire::kCipherAes256Gcm : wire::kCipherChaCha20Poly1305;
  const auto payload = fields.serialize(call.size - kFrame);
  if (!payload) return std::nullopt;
  call.noise.set_preshared_key(preshared_key);
  std::vector<std::uint8_t> datagram(payload->size() + kFrame);
  const auto out = base::ByteSpan(datagram);
  wire::Response::write_header(call.index, out.first<wire::Response::kHeaderSize>());
  const auto covered = out.first(out.size() - wire::kMacSize);
  if (!call.noise.write_response(*payload, covered.subspan(wire::Response::kHeaderSize))) return std::nullopt;
  const auto mac1 = crypto::compute_mac1(crypto::mac1_key(call.caller()), covered);
  std::ranges::copy(mac1, out.last(wire::kMacSize).begin());
  std::erase_if(remembered_, [&](const auto& entry) { return entry.second.until <= now; });
  if (remembered_.size() < kMaxRemembered)
    remembered_[call.mac1] = {datagram, call.size, now + kRememberFor, kMaxCopies};
  const auto split = call.noise.split();
  return Answer{std::move(datagram), {cipher, split.responder_to_initiator, split.initiator_to_responder}};
}

}  // namespace sennit::control
