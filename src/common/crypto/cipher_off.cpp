// Takes the place of make_aead.cpp in the preset bench-cipher-off alone: nothing is encrypted and everything
// is believed, so that a benchmark sees what the rest of the tunnel costs. Never in a build that anybody
// runs.
#include <algorithm>
#include <cstdio>

#include "crypto/aead.hpp"

namespace sennit::crypto {

namespace {

[[maybe_unused]] const int kWarned =
    std::fputs("\n*** CIPHER OFF: this build is for benchmarks and encrypts NOTHING ***\n\n", stderr);

class CipherOff final : public Aead {
 public:
  void seal(const Nonce&, base::ConstByteSpan, base::ConstByteSpan plaintext,
            base::ByteSpan out) const override {
    check_buffers(plaintext, out);
    if (out.data() != plaintext.data()) base::copy_bytes(plaintext, out);
    std::ranges::fill(out.subspan(plaintext.size(), kTagSize), std::uint8_t{0});
  }

  bool open_in_place(const Nonce&, base::ConstByteSpan, base::ByteSpan sealed) const override {
    return sealed.size() >= kTagSize;
  }
};

}  // namespace

std::string_view aes256gcm_implementation() {
  return "OFF (benchmark build)";
}

std::unique_ptr<Aead> make_aead(Cipher, const Secret&) {
  return std::make_unique<CipherOff>();
}

}  // namespace sennit::crypto
