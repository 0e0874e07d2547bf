// Theory of operation: a one's complement sum may be taken over wider words and in either byte order, and
// folded at the end (RFC 1071 section 2). Words of 32 bits are added up in 64-bit lanes, which cannot
// overflow for any packet. The loop is compiled twice for x86-64, the second time for AVX2, and the processor
// decides.
#include "wire/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace sennit::wire {
namespace {

using Lanes = std::uint64_t __attribute__((vector_size(32)));
constexpr std::uint64_t kLowHalf = 0xFFFF'FFFF;

std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & kLowHalf) + (sum >> 32U);
  sum = (sum & kLowHalf) + (sum >> 32U);
  return checksum_fold(static_cast<std::uint32_t>(sum));
}

std::uint16_t from_native_order(std::uint16_t word) {
  if constexpr (std::endian::native == std::endian::big) return word;
  return static_cast<std::uint16_t>((word << 8U) | (word >> 8U));
}

template <typename Word>
[[gnu::always_inline]] inline Word load(const std::uint8_t* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The sum in native byte order, not folded.
[[gnu::always_inline]] inline std::uint64_t sum_words(const std::uint8_t* at, std::size_t size) {
  Lanes low = {};
  Lanes high = {};
  for (; size >= 2 * sizeof(Lanes); at += 2 * sizeof(Lanes), size -= 2 * sizeof(Lanes)) {
    Lanes first;
    Lanes second;
    std::memcpy(&first, at, sizeof first);
    std::memcpy(&second, at + sizeof first, sizeof second);
    low += (first & kLowHalf) + (second & kLowHalf);
    high += (first >> 32U) + (second >> 32U);
  }
  low += high;
  std::uint64_t sum = low[0] + low[1] + low[2] + low[3];
  for (; size >= 4; at += 4, size -= 4) sum += load<std::uint32_t>(at);
  if (size >= 2) sum += load<std::uint16_t>(at);
  if (size % 2 == 1) sum += load<std::uint16_t>(std::array<std::uint8_t, 2>{at[size - 1], 0}.data());
  return sum;
}

std::uint64_t sum_portable(const std::uint8_t* at, std::size_t size) {
  return sum_words(at, size);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] std::uint64_t sum_avx2(const std::uint8_t* at, std::size_t size) {
  return sum_words(at, size);
}

std::uint64_t sum_native(const std::uint8_t* at, std::size_t size) {
  return __builtin_cpu_supports("avx2") ? sum_avx2(at, size) : sum_portable(at, size);
}
#else
std::uint64_t sum_native(const std::uint8_t* at, std::size_t size) {
  return sum_portable(at, size);
}
#endif

}  // namespace

std::uint32_t checksum_add(base::ConstByteSpan bytes, std::uint32_t sum) {
  return fold(from_native_order(fold(sum_native(bytes.data(), bytes.size()))) + std::uint64_t{sum});
}

std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  const auto complement = [](std::uint16_t word) { return static_cast<std::uint32_t>(word ^ 0xFFFFU); };
  return checksum_finish(complement(checksum) + complement(before) + after);
}

std::uint32_t pseudo_header_sum(const base::IpAddress& source, const base::IpAddress& destination,
                                std::uint8_t protocol, std::size_t length) {
  const std::uint32_t sum = checksum_add(destination.bytes(), checksum_add(source.bytes(), 0));
  return sum + protocol + static_cast<std::uint32_t>(length);
}

}  // namespace sennit::wire
