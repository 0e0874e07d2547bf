#include "crypto/ipsec_mb_aead.hpp"

#include <intel-ipsec-mb.h>
#include <sodium.h>

#include <array>
#include <cstdlib>

namespace sennit::crypto {

static_assert(kTagSize == crypto_verify_16_BYTES);

namespace {

// What the library chose for this CPU; null where it cannot be used.
struct Functions {
  aes_gcm_pre_t expand_key = nullptr;
  aes_gcm_enc_dec_t seal = nullptr;
  aes_gcm_enc_dec_t open = nullptr;
};

Functions choose_functions() {
  constexpr std::uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SELF_TEST_PASS;
  const std::unique_ptr<IMB_MGR, decltype(&free_mb_mgr)> manager(alloc_mb_mgr(0), &free_mb_mgr);
  if (!manager) return {};
  init_mb_mgr_auto(manager.get(), nullptr);
  if ((manager->features & kNeeded) != kNeeded) return {};
  return {manager->gcm256_pre, manager->gcm256_enc, manager->gcm256_dec};
}

const Functions& functions() {
  static const Functions chosen = choose_functions();
  return chosen;
}

class IpsecMbAes256Gcm final : public Aead {
 public:
  explicit IpsecMbAes256Gcm(const Secret& key) : functions_(functions()) {
    if (functions_.seal == nullptr) std::abort();
    functions_.expand_key(key.bytes().data(), &expanded_key_);
  }
  IpsecMbAes256Gcm(const IpsecMbAes256Gcm&) = delete;
  IpsecMbAes256Gcm& operator=(const IpsecMbAes256Gcm&) = delete;
  ~IpsecMbAes256Gcm() override { sodium_memzero(&expanded_key_, sizeof expanded_key_); }

  void seal(const Nonce& nonce, base::ConstByteSpan associated, base::ConstByteSpan plaintext,
            base::ByteSpan out) const override {
    check_buffers(plaintext, out);
    gcm_context_data context;
    functions_.seal(&expanded_key_, &context, out.data(), plaintext.data(), plaintext.size(), nonce.data(),
                    associated.data(), associated.size(), out.data() + plaintext.size(), kTagSize);
  }

  bool open_in_place(const Nonce& nonce, base::ConstByteSpan associated,
                     base::ByteSpan sealed) const override {
    if (sealed.size() < kTagSize) return false;
    const auto text = sealed.first(sealed.size() - kTagSize);
    std::array<std::uint8_t, kTagSize> tag;
    gcm_context_data context;
    functions_.open(&expanded_key_, &context, text.data(), text.data(), text.size(), nonce.data(),
                    associated.data(), associated.size(), tag.data(), kTagSize);
    if (crypto_verify_16(tag.data(), sealed.last<kTagSize>().data()) == 0) return true;
    sodium_memzero(text.data(), text.size());
    return false;
  }

 private:
  const Functions functions_;
  gcm_key_data expanded_key_;  // its type asks for the alignment of the widest registers
};

}  // namespace

bool ipsec_mb_available() {
  return functions().seal != nullptr;
}

std::unique_ptr<Aead> make_ipsec_mb_aes256gcm(const Secret& key) {
  return std::make_unique<IpsecMbAes256Gcm>(key);
}

}  // namespace sennit::crypto
