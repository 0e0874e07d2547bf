// Sealing and opening alone, by each implementation. Nothing is measured of one that does not work here.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

#include "crypto/aead.hpp"
#include "crypto/ipsec_mb_aead.hpp"
#include "crypto/libsodium_aead.hpp"
#include "micro/meter.hpp"

namespace sennit::bench {
namespace {

using Make = std::unique_ptr<crypto::Aead> (*)(const crypto::Secret&);
using Available = bool (*)();

constexpr std::size_t kRepeats = 64;
constexpr std::array<std::uint8_t, 8> kHeader{};

bool always() {
  return true;
}

void seal(benchmark::State& state, Available available, Make make) {
  if (!available()) return state.SkipWithError("does not work here");
  const auto aead = make(crypto::Secret{});
  const std::vector<std::uint8_t> plaintext(static_cast<std::size_t>(state.range(0)));
  std::vector<std::uint8_t> out(plaintext.size() + crypto::kTagSize);
  std::uint64_t counter = 0;
  Meter meter(state);
  for (auto iteration : state) {
    meter.start();
    for (std::size_t i = 0; i < kRepeats; ++i)
      aead->seal(crypto::make_nonce({}, counter++), kHeader, plaintext, out);
    meter.stop(kRepeats);
  }
}

void open(benchmark::State& state, Available available, Make make) {
  if (!available()) return state.SkipWithError("does not work here");
  const auto aead = make(crypto::Secret{});
  const std::vector<std::uint8_t> plaintext(static_cast<std::size_t>(state.range(0)));
  std::vector<std::vector<std::uint8_t>> sealed(kRepeats);
  Meter meter(state);
  for (auto iteration : state) {
    for (auto& datagram : sealed) {
      datagram.resize(plaintext.size() + crypto::kTagSize);
      aead->seal({}, kHeader, plaintext, datagram);
    }
    meter.start();
    for (auto& datagram : sealed) {
      if (!aead->open_in_place({}, kHeader, datagram)) std::abort();
    }
    meter.stop(kRepeats);
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("bytes")->UseManualTime()->Arg(64)->Arg(200)->Arg(1440);
}

BENCHMARK_CAPTURE(seal, ipsec_mb_aes256gcm, crypto::ipsec_mb_available, crypto::make_ipsec_mb_aes256gcm)
    ->Apply(sizes);
BENCHMARK_CAPTURE(seal, libsodium_aes256gcm, crypto::aes256gcm_available, crypto::make_libsodium_aes256gcm)
    ->Apply(sizes);
BENCHMARK_CAPTURE(seal, libsodium_chacha20poly1305, always, crypto::make_libsodium_chacha20poly1305)
    ->Apply(sizes);
BENCHMARK_CAPTURE(open, ipsec_mb_aes256gcm, crypto::ipsec_mb_available, crypto::make_ipsec_mb_aes256gcm)
    ->Apply(sizes);
BENCHMARK_CAPTURE(open, libsodium_aes256gcm, crypto::aes256gcm_available, crypto::make_libsodium_aes256gcm)
    ->Apply(sizes);
BENCHMARK_CAPTURE(open, libsodium_chacha20poly1305, always, crypto::make_libsodium_chacha20poly1305)
    ->Apply(sizes);

}  // namespace
}  // namespace sennit::bench
