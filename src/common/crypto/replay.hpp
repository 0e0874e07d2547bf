// One path's sliding window of counters received (RFC 6479), and the reconstruction of full counters from
// the low 32 bits on the wire (RFC 9147, section 4.2.2).
// Asked before a datagram is opened, moved only after it was authentic.
// Invariant: a counter is accepted at most once, and never when it lies kWindow or more behind the highest.
#pragma once

#include <array>
#include <cstdint>

namespace sennit::crypto {

class ReplayWindow {
 public:
  static constexpr std::uint64_t kWindow = 4096;

  // The full counter with these low bits that is nearest to the highest seen plus one.
  std::uint64_t reconstruct(std::uint32_t low_bits) const;
  // Would accept() take it?
  bool is_fresh(std::uint64_t counter) const;
  enum class Verdict : std::uint8_t {
    kNewest,     // above every earlier one
    kReordered,  // new, but later ones came before it
    kReplayed,   // seen before, or too old to tell
  };
  // Records an authenticated counter.
  Verdict accept(std::uint64_t counter);
  // One above the highest accepted; zero before the first.
  std::uint64_t expected() const { return expected_; }
  // How many were accepted.
  std::uint64_t received() const { return received_; }

 private:
  static constexpr std::uint64_t kWordBits = 64;
  // One word more than the window: it covers the window wherever in a word its highest counter lies.
  static constexpr std::uint64_t kWords = kWindow / kWordBits + 1;

  static std::uint64_t bit(std::uint64_t counter) { return std::uint64_t{1} << (counter % kWordBits); }
  std::uint64_t& word(std::uint64_t counter) { return words_[counter / kWordBits % kWords]; }
  const std::uint64_t& word(std::uint64_t counter) const { return words_[counter / kWordBits % kWords]; }
  // Clears the words between the highest counter so far and this one, and takes this one as the highest.
  void advance_to(std::uint64_t counter);

  std::array<std::uint64_t, kWords> words_{};
  std::uint64_t expected_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace sennit::crypto
