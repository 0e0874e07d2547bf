// Decides whether a handshake initiation may cost a curve operation (protocol.md section 3): mac1, load,
// cookies, rate by address. First step of the responder. Bounded memory, whatever strangers send, and after a
// few cookies a second to one address and port, a few macs for each initiation more. Invariant: while under
// load, nothing is admitted from an address that has not proved itself within two minutes.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/drop.hpp"
#include "base/time.hpp"
#include "crypto/mac.hpp"
#include "wire/outer.hpp"

namespace sennit::control {

class Admission {
 public:
  static constexpr unsigned kLoadThreshold = 100;  // initiations a second
  static constexpr unsigned kPerAddress = 5;       // a second, while under load
  static constexpr std::size_t kMaxAddresses = 16384;
  static constexpr unsigned kCookiesPerSender = 8;  // a second
  static constexpr base::Duration kSecretLifetime = std::chrono::seconds(120);

  explicit Admission(const crypto::PublicKey& own);

  struct Admitted {};
  using Verdict = std::variant<Admitted, wire::CookieReply, base::DropReason>;
  // What to do with this initiation.
  Verdict admit(const wire::Initiation& initiation, const base::SocketAddress& from, base::Instant now);
  bool is_under_load() const { return is_under_load_; }

 private:
  void advance(base::Instant now);
  bool proves_address(const wire::Initiation& initiation, const base::SocketAddress& from) const;
  bool is_within_rate(const base::IpAddress& from);
  Verdict ask_for_proof(const wire::Initiation& initiation, const base::SocketAddress& from);

  crypto::Secret mac1_key_;
  crypto::Secret cookie_key_;
  crypto::Secret secret_;         // of the cookies given now
  crypto::Secret former_secret_;  // of those still accepted
  base::Instant secret_since_ = base::Instant::min();
  base::Instant window_start_ = base::Instant::min();
  unsigned in_window_ = 0;
  bool is_under_load_ = false;
  std::unordered_map<base::IpAddress, unsigned> by_address_;
  std::vector<std::uint8_t> given_;  // cookies in this second, by their first two bytes
};

}  // namespace sennit::control
