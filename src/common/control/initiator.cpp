#include "control/initiator.hpp"

#include <algorithm>
#include <chrono>

#include "control/prologue.hpp"

namespace sennit::control {

namespace {

constexpr base::Duration kCookieLifetime = std::chrono::seconds(120);
constexpr std::size_t kMaxCookies = 64;
// What is around the payload: header, Noise, two macs.
constexpr std::size_t kFrame =
    wire::Initiation::kHeaderSize + crypto::NoiseHandshake::kInitiationOverhead + 2 * wire::kMacSize;

std::uint8_t own_ciphers() {
  return static_cast<std::uint8_t>(wire::kCipherChaCha20Poly1305 |
                                   (crypto::aes256gcm_available() ? wire::kCipherAes256Gcm : 0));
}

}  // namespace

Initiator::Initiator(crypto::PrivateKey own, crypto::PublicKey gateway, crypto::PresharedKey preshared_key,
                     std::uint64_t last_timestamp)
    : own_(std::move(own)),
      gateway_(gateway),
      preshared_key_(std::move(preshared_key)),
      gateway_mac1_key_(crypto::mac1_key(gateway)),
      own_mac1_key_(crypto::mac1_key(own_.public_key())),
      cookie_key_(crypto::cookie_key(gateway)),
      last_timestamp_(last_timestamp) {}

std::uint64_t Initiator::next_timestamp(base::WallTime now) {
  const auto wall = std::max<std::int64_t>(0, now.time_since_epoch().count());
  last_timestamp_ = std::max(last_timestamp_ + 1, static_cast<std::uint64_t>(wall));
  return last_timestamp_;
}

void Initiator::begin(base::SessionIndex local, wire::InitiationFields offer, base::WallTime now) {
  offer.timestamp = next_timestamp(now);
  offer.ciphers = own_ciphers();
  const auto payload =
      offer.serialize(wire::Initiation::kMinSize - kFrame, wire::Initiation::kMaxSize - kFrame);
  if (!payload) return;  // the check of the client's options bounds the fields
  std::vector<std::uint8_t> message(payload->size() + kFrame - wire::kMacSize);
  const auto header = base::ByteSpan(message).first<wire::Initiation::kHeaderSize>();
  wire::Initiation::write_header(local, header);
  const auto prologue = make_prologue(header);
  auto noise = crypto::NoiseHandshake::initiator(prologue, own_, gateway_, preshared_key_);
  const auto noise_size = payload->size() + crypto::NoiseHandshake::kInitiationOverhead;
  if (!noise.write_initiation(*payload, base::ByteSpan(message).subspan(header.size(), noise_size))) return;
  const auto covered = base::ConstByteSpan(message).first(header.size() + noise_size);
  std::ranges::copy(crypto::compute_mac1(gateway_mac1_key_, covered), message.end() - wire::kMacSize);
  if (attempts_.size() == kMaxAttempts) attempts_.erase(attempts_.begin());
  attempts_.push_back({local, std::move(noise), std::move(message)});
}

base::ConstByteSpan Initiator::initiation_for(const base::Route& route, base::Instant now) {
  if (attempts_.empty()) return {};
  outgoing_ = attempts_.back().message;
  std::erase_if(cookies_, [&](const KnownCookie& known) { return now - known.received > kCookieLifetime; });
  const auto known = std::ranges::find(cookies_, route, &KnownCookie::route);
  const auto mac2 = known == cookies_.end() ? crypto::Mac{} : crypto::compute_mac2(known->cookie, outgoing_);
  outgoing_.insert(outgoing_.end(), mac2.begin(), mac2.end());
  return outgoing_;
}

Initiator::Attempt* Initiator::find(base::SessionIndex local) {
  const auto found = std::ranges::find(attempts_, local, &Attempt::local);
  return found == attempts_.end() ? nullptr : &*found;
}

bool Initiator::awaits(base::SessionIndex local) const {
  return std::ranges::find(attempts_, local, &Attempt::local) != attempts_.end();
}

std::optional<Established> Initiator::read_response(const wire::Response& response) {
  Attempt* attempt = find(response.receiver);
  if (attempt == nullptr || response.noise.size() < crypto::NoiseHandshake::kResponseOverhead)
    return std::nullopt;
  if (!crypto::equal(crypto::compute_mac1(own_mac1_key_, response.before_mac1), response.mac1))
    return std::nullopt;
  std::vector<std::uint8_t> payload(response.noise.size() - crypto::NoiseHandshake::kResponseOverhead);
  if (!attempt->noise.read_response(response.noise, payload)) return std::nullopt;
  auto fields = wire::ResponseFields::parse(payload);
  if (!fields || (fields->cipher & own_ciphers()) == 0) return std::nullopt;
  const auto split = attempt->noise.split();
  const auto cipher = fields->cipher == wire::kCipherAes256Gcm ? crypto::Cipher::kAes256Gcm
                                                               : crypto::Cipher::kChaCha20Poly1305;
  Established result{attempt->local,
                     fields->index,
                     {cipher, split.initiator_to_responder, split.responder_to_initiator},
                     std::move(*fields)};
  attempts_.clear();
  return result;
}

bool Initiator::read_cookie_reply(const base::Route& route, const wire::CookieReply& reply,
                                  base::Instant now) {
  const Attempt* attempt = find(reply.receiver);
  if (attempt == nullptr) return false;
  crypto::Mac mac1{};
  std::copy(attempt->message.end() - wire::kMacSize, attempt->message.end(), mac1.begin());
  const auto cookie = crypto::open_cookie(cookie_key_, reply.nonce, mac1, reply.sealed_cookie);
  if (!cookie) return false;
  std::erase_if(cookies_, [&](const KnownCookie& known) { return known.route == route; });
  if (cookies_.size() == kMaxCookies) cookies_.erase(cookies_.begin());
  cookies_.push_back({route, *cookie, now});
  return true;
}

}  // namespace sennit::control
