// Stands in for ipsec_mb_aead.cpp where the build has no such library (SENNIT_ACCELERATED_AEAD).
#include <cstdlib>

#include "crypto/ipsec_mb_aead.hpp"

namespace sennit::crypto {

bool ipsec_mb_available() {
  return false;
}

std::unique_ptr<Aead> make_ipsec_mb_aes256gcm(const Secret&) {
  std::abort();
}

}  // namespace sennit::crypto
