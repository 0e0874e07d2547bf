// Two ends of one session with fixed keys, for tests of seal and open; no handshake.
#pragma once

#include "crypto/session.hpp"

namespace sennit::inbound {

inline crypto::Secret secret_of(std::uint8_t fill) {
  crypto::Secret secret;
  for (auto& byte : secret.bytes()) byte = fill;
  return secret;
}

struct SessionPair {
  explicit SessionPair(crypto::Cipher cipher)
      : near(base::SessionIndex{0x111111}, base::SessionIndex{0x222222},
             {cipher, secret_of(1), secret_of(2)}),
        far(base::SessionIndex{0x222222}, base::SessionIndex{0x111111},
            {cipher, secret_of(2), secret_of(1)}) {}
  crypto::Session near;
  crypto::Session far;
};

}  // namespace sennit::inbound
