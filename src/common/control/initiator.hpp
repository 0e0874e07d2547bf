// The client's side of the handshake (protocol.md sections 2 and 3): builds initiations, reads responses and
// cookies. Neither sends nor decides when: the connector does. Keeps the last attempts open, so that an
// answer that takes longer than the retry interval still counts. Invariant: timestamps only grow, whatever
// the wall clock does.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "crypto/mac.hpp"
#include "crypto/noise.hpp"
#include "crypto/session.hpp"
#include "wire/handshake_fields.hpp"
#include "wire/outer.hpp"

namespace sennit::control {

// A handshake that is over, as the client sees it.
struct Established {
  base::SessionIndex local;
  base::SessionIndex remote;
  crypto::SessionKeys keys;
  wire::ResponseFields fields;
};

class Initiator {
 public:
  // Attempts that may still be answered.
  static constexpr std::size_t kMaxAttempts = 4;

  Initiator(crypto::PrivateKey own, crypto::PublicKey gateway, crypto::PresharedKey preshared_key,
            std::uint64_t last_timestamp);

  // Starts an attempt under the index `local`. `offer.timestamp` and `offer.ciphers` are filled in.
  void begin(base::SessionIndex local, wire::InitiationFields offer, base::WallTime now);
  // The newest initiation as it goes out on this route, with the cookie that its gateway address asked for.
  // Valid until the next call. Empty before the first begin().
  base::ConstByteSpan initiation_for(const base::Route& route, base::Instant now);
  // A response to one of the attempts; none when it answers none or is not authentic. All attempts end with
  // success.
  std::optional<Established> read_response(const wire::Response& response);
  // Keeps the cookie. False: it answers no attempt or is not authentic.
  bool read_cookie_reply(const base::Route& route, const wire::CookieReply& reply, base::Instant now);
  std::uint64_t last_timestamp() const { return last_timestamp_; }
  // Indices of the attempts that may still be answered.
  bool awaits(base::SessionIndex local) const;

 private:
  struct Attempt {
    base::SessionIndex local;
    crypto::NoiseHandshake noise;
    std::vector<std::uint8_t> message;  // without mac2
  };
  struct KnownCookie {
    base::Route route;
    crypto::Cookie cookie{};
    base::Instant received;
  };

  std::uint64_t next_timestamp(base::WallTime now);
  Attempt* find(base::SessionIndex local);

  crypto::PrivateKey own_;
  crypto::PublicKey gateway_;
  crypto::PresharedKey preshared_key_;
  crypto::Secret gateway_mac1_key_;
  crypto::Secret own_mac1_key_;
  crypto::Secret cookie_key_;
  std::uint64_t last_timestamp_;
  std::vector<Attempt> attempts_;  // oldest first
  std::vector<KnownCookie> cookies_;
  std::vector<std::uint8_t> outgoing_;
};

}  // namespace sennit::control
