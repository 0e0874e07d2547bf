// The gateway's side of the handshake (protocol.md section 2): reads initiations, writes responses.
// Knows no peers: tunnel looks the caller up between read() and answer(). Remembers its last answers, so that
// a copy of an initiation that came over another link is answered alike and costs no curve operation.
#pragma once

#include <array>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "crypto/mac.hpp"
#include "crypto/noise.hpp"
#include "crypto/session.hpp"
#include "wire/handshake_fields.hpp"
#include "wire/outer.hpp"

namespace sennit::control {

// An authentic initiation; by whom is caller(), whether it is known is not decided here.
struct Call {
  crypto::NoiseHandshake noise;
  base::SessionIndex index;  // the client's
  wire::InitiationFields fields;
  crypto::Mac mac1{};    // of the initiation: what recall() knows it by
  std::size_t size = 0;  // of the initiation: the answer's limit

  const crypto::PublicKey& caller() const { return noise.remote_static(); }
};

struct Answer {
  std::vector<std::uint8_t> datagram;
  crypto::SessionKeys keys;
};

class Responder {
 public:
  static constexpr std::size_t kMaxRemembered = 1024;
  static constexpr unsigned kMaxCopies = 32;
  static constexpr base::Duration kRememberFor = std::chrono::seconds(5);

  explicit Responder(crypto::PrivateKey own) : own_(std::move(own)) {}

  // The answer already given to this very initiation; empty when there is none.
  base::ConstByteSpan recall(const wire::Initiation& initiation, base::Instant now);
  // Decrypts an initiation; none when it is not authentic or its fields are wrong.
  std::optional<Call> read(const wire::Initiation& initiation) const;
  // Completes the handshake. The cipher is chosen here and written into `fields`.
  std::optional<Answer> answer(Call& call, const crypto::PresharedKey& preshared_key,
                               wire::ResponseFields fields, base::Instant now);

 private:
  struct HashMac {
    std::size_t operator()(const crypto::Mac& mac) const noexcept;
  };
  struct Remembered {
    std::vector<std::uint8_t> datagram;
    std::size_t question_size = 0;  // of the initiation: nothing shorter gets this answer
    base::Instant until;
    unsigned copies_left = kMaxCopies;  // so that a replay makes no reflector
  };

  crypto::PrivateKey own_;
  std::unordered_map<crypto::Mac, Remembered, HashMac> remembered_;
};

}  // namespace sennit::control
