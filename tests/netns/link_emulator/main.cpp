// link_emulator SEED CONTROL NAME=NEAR,FAR…: carries Ethernet frames between pairs of interfaces as access
// lines would, until SIGTERM. Prints "ready" when frames are carried. A test tool: nothing of it is
// installed. One process, one thread for all lines: fewer wake-ups than a process each.
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <deque>
#include <exception>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "io/clock.hpp"
#include "link_emulator/control.hpp"
#include "link_emulator/line.hpp"

namespace {

using namespace link_emulator;

constexpr base::Duration kLongestSleep = std::chrono::seconds(1);
// While many frames flow it rests so long between two looks at them: a wake-up a frame would cost twice the
// CPU.
constexpr base::Duration kPause = std::chrono::microseconds(150);
constexpr base::Duration kWhile = std::chrono::milliseconds(10);
constexpr std::size_t kMany = 20;  // in a while: 2000 a second

// Says whether many frames flow, by the last while.
class Traffic {
 public:
  bool is_dense(std::size_t frames, base::Instant now) {
    count_ += frames;
    if (now - since_ > kWhile) {
      is_dense_ = count_ > kMany && now - since_ < 2 * kWhile;
      count_ = 0;
      since_ = now;
    }
    return is_dense_;
  }

 private:
  bool is_dense_ = false;
  std::size_t count_ = 0;
  base::Instant since_;
};

volatile std::sig_atomic_t is_running = 1;

base::Instant read_clock() {
  return sennit::io::read_clock().monotonic;
}

// Timers to the nanosecond, and the CPU before those whose traffic is measured, where the system allows it.
void ask_for_punctuality() {
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const sched_param priority{.sched_priority = 2};  // the bench that measures may have 1
  ::sched_setscheduler(0, SCHED_RR, &priority);
}

std::string obey(std::deque<Line>& lines, std::string_view command) {
  const auto space = std::min(command.find(' '), command.size());
  const auto line = std::ranges::find(lines, command.substr(0, space), &Line::name);
  if (line == lines.end()) return "error: no such line";
  return line->obey(command.substr(std::min(space + 1, command.size())), read_clock());
}

// Sleeps; true when one of the descriptors is readable first.
bool wait(std::span<pollfd> polled, base::Duration time) {
  const auto left = std::clamp(time, base::Duration{}, kLongestSleep);
  const timespec timeout{left / std::chrono::seconds(1), (left % std::chrono::seconds(1)).count()};
  return ::ppoll(polled.data(), polled.size(), &timeout, nullptr) > 0;
}

// Waits until there is something to read or it is time.
void wait(const std::deque<Line>& lines, const Control& control) {
  std::vector<pollfd> polled;
  for (const int fd : control.fds()) polled.push_back({fd, POLLIN, 0});
  auto wakeup = base::kNever;
  for (const auto& line : lines) {
    for (const int fd : line.fds()) polled.push_back({fd, POLLIN, 0});
    wakeup = std::min(wakeup, line.next_wakeup());
  }
  wait(polled, wakeup == base::kNever ? kLongestSleep : wakeup - read_clock());
}

void run(std::span<char*> words) {
  if (words.size() < 4) throw sennit::base::UsageError("usage: link_emulator SEED CONTROL NAME=NEAR,FAR…");
  std::uint64_t seed = 0;
  const std::string_view digits = words[1];
  if (std::from_chars(digits.data(), digits.data() + digits.size(), seed).ec != std::errc{})
    throw sennit::base::UsageError(std::string(digits) + " is not a seed");
  std::deque<Line> lines;
  for (const auto* description : words.subspan(3)) lines.emplace_back(description, seed++);
  Control control(words[2], [&](std::string_view command) { return obey(lines, command); });
  ask_for_punctuality();
  Traffic traffic;
  std::puts("ready");
  std::fflush(stdout);
  while (is_running != 0) {
    control.work();
    std::size_t frames = 0;
    for (auto& line : lines) frames += line.work(read_clock());
    if (traffic.is_dense(frames, read_clock()) && frames > 0) wait({}, kPause);
    wait(lines, control);
  }
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGTERM, [](int) { is_running = 0; });
  try {
    run({words, static_cast<std::size_t>(count)});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "link_emulator: %s\n", error.what());
    return 1;
  }
}
