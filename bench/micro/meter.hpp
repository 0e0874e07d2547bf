// Times the measured part of each iteration of a benchmark alone, and reports the median iteration a packet:
// ns, packets/s, and on x86 cycles of the time stamp counter. The median, since others may run on the same
// cores. What lies between stop() and start() (building the next batch) is not counted.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sennit::bench {

class Meter {
 public:
  explicit Meter(benchmark::State& state) : state_(state) {}
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  ~Meter() {
    if (nanoseconds_.empty()) return;
    const double time = median(nanoseconds_);
    state_.counters["packets/s"] = 1e9 / time;
    state_.counters["ns/packet"] = time;
    if (const double cycles = median(cycles_); cycles > 0) state_.counters["cycles/packet"] = cycles;
  }

  void start() {
    started_at_ = std::chrono::steady_clock::now();
    started_cycle_ = cycle();
  }

  void stop(std::size_t packets) {
    const auto cycles = cycle() - started_cycle_;
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - started_at_;
    state_.SetIterationTime(took.count() * 1e-9);
    cycles_.push_back(static_cast<double>(cycles) / static_cast<double>(packets));
    nanoseconds_.push_back(took.count() / static_cast<double>(packets));
  }

 private:
  static std::uint64_t cycle() {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
  }

  static double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
  }

  benchmark::State& state_;
  std::chrono::steady_clock::time_point started_at_;
  std::uint64_t started_cycle_ = 0;
  std::vector<double> cycles_;
  std::vector<double> nanoseconds_;
};

}  // namespace sennit::bench
