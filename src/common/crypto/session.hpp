// The keys of one session in use: seals with one counter a path, opens with one replay window a path.
// Used by outbound (seal) and inbound (open); made by control when a handshake is over. Does not know
// headers. Invariant: a (path, counter) pair is taken at most once for sending, and accepted at most once
// when received.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/units.hpp"
#include "crypto/aead.hpp"
#include "crypto/replay.hpp"

namespace sennit::crypto {

// The two directions of a session as its owner sees them.
struct SessionKeys {
  Cipher cipher = Cipher::kChaCha20Poly1305;
  Secret send;  // of Split(), before derive_transport_key()
  Secret receive;
};

class Session {
 public:
  // `local`: what the other end puts into its headers; `remote`: what we put into ours.
  Session(base::SessionIndex local, base::SessionIndex remote, const SessionKeys& keys);

  base::SessionIndex local_index() const { return local_; }
  base::SessionIndex remote_index() const { return remote_; }
  Cipher cipher() const { return cipher_; }

  // The next counter of this path; never the same twice.
  std::uint64_t take_counter(base::PathId path) {
    const auto counter = counters_[path.value]++;
    most_sent_ = std::max(most_sent_, counter + 1);
    return counter;
  }
  // The highest number of datagrams sent on one path.
  std::uint64_t most_sent() const { return most_sent_; }
  const Aead& sender() const { return *send_; }
  const Aead& receiver() const { return *receive_; }
  // What was received on this path. Made on first use, since most sessions use few of the 32 paths: only for
  // what is authentic.
  ReplayWindow& window(base::PathId path);
  // The same for looking only; an empty window when nothing has been received.
  const ReplayWindow& peek_window(base::PathId path) const;

 private:
  base::SessionIndex local_;
  base::SessionIndex remote_;
  Cipher cipher_;
  std::unique_ptr<Aead> send_;
  std::unique_ptr<Aead> receive_;
  std::array<std::uint64_t, base::kMaxPaths> counters_{};
  std::uint64_t most_sent_ = 0;
  std::array<std::unique_ptr<ReplayWindow>, base::kMaxPaths> windows_;
};

}  // namespace sennit::crypto
