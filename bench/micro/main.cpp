#include <benchmark/benchmark.h>

#include <iostream>

#include "crypto/aead.hpp"
#include "crypto/keys.hpp"

int main(int argc, char** argv) {
  sennit::crypto::initialise();
  std::cerr << "AES-256-GCM by " << sennit::crypto::aes256gcm_implementation() << "\n";
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
