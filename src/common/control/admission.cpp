#include "control/admission.hpp"

#include <algorithm>
#include <array>

namespace sennit::control {

Admission::Admission(const crypto::PublicKey& own)
    : mac1_key_(crypto::mac1_key(own)), cookie_key_(crypto::cookie_key(own)), given_(1U << 16U) {
  crypto::random_bytes(secret_.bytes());
  crypto::random_bytes(former_secret_.bytes());
}

void Admission::advance(base::Instant now) {
  using std::chrono::seconds;
  if (secret_since_ == base::Instant::min()) secret_since_ = now;
  if (now - secret_since_ >= kSecretLifetime) {
    former_secret_ = secret_;
    crypto::random_bytes(secret_.bytes());
    secret_since_ = now;
  }
  if (window_start_ != base::Instant::min() && now - window_start_ < seconds(1)) return;
  // Load outlasts the second in which it was noticed, so that a steady flood does not get a free start every
  // second.
  const bool is_adjacent = window_start_ != base::Instant::min() && now - window_start_ < seconds(2);
  is_under_load_ = is_adjacent && in_window_ > kLoadThreshold;
  window_start_ = now;
  in_window_ = 0;
  by_address_.clear();
  std::ranges::fill(given_, std::uint8_t{0});
}

bool Admission::proves_address(const wire::Initiation& initiation, const base::SocketAddress& from) const {
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::ranges::all_of(initiation.mac2, is_zero)) return false;
  return std::ranges::any_of(std::array{&secret_, &former_secret_}, [&](const crypto::Secret* secret) {
    const auto cookie = crypto::compute_cookie(*secret, from);
    return crypto::equal(crypto::compute_mac2(cookie, initiation.before_mac2), initiation.mac2);
  });
}

// A cookie is a keyed hash of the sender's address and port. Those that collide share what they get; a
// stranger cannot choose with whom.
Admission::Verdict Admission::ask_for_proof(const wire::Initiation& initiation,
                                            const base::SocketAddress& from) {
  const auto cookie = crypto::compute_cookie(secret_, from);
  auto& given = given_[std::size_t{cookie[0]} << 8U | cookie[1]];
  if (given == kCookiesPerSender) return base::DropReason::kRateLimited;
  ++given;
  wire::CookieReply reply;
  reply.receiver = initiation.sender;
  crypto::random_bytes(reply.nonce);
  crypto::Mac mac1{};
  std::ranges::copy(initiation.mac1, mac1.begin());
  reply.sealed_cookie = crypto::seal_cookie(cookie_key_, reply.nonce, mac1, cookie);
  return reply;
}

// An IPv6 host has a /64 to choose addresses from.
bool Admission::is_within_rate(const base::IpAddress& from) {
  const auto key = base::Prefix(from, from.family() == base::Family::kV6 ? 64 : 32).network().address();
  const auto found = by_address_.find(key);
  if (found == by_address_.end())
    return by_address_.size() < kMaxAddresses && by_address_.emplace(key, 1).second;
  return ++found->second <= kPerAddress;
}

Admission::Verdict Admission::admit(const wire::Initiation& initiation, const base::SocketAddress& from,
                                    base::Instant now) {
  if (initiation.version != wire::kVersion) return base::DropReason::kBadVersion;
  if (!crypto::equal(crypto::compute_mac1(mac1_key_, initiation.before_mac1), initiation.mac1)) {
    return base::DropReason::kBadMac;
  }
  advance(now);
  ++in_window_;
  if (in_window_ > kLoadThreshold) is_under_load_ = true;
  if (!is_under_load_) return Admitted{};
  if (!proves_address(initiation, from)) return ask_for_proof(initiation, from);
  if (!is_within_rate(from.address)) return base::DropReason::kRateLimited;
  return Admitted{};
}

}  // namespace sennit::control
