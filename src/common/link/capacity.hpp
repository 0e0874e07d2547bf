// What one path carries, found out from what arrives: the rate to send at, the capacity, and whether it is
// saturated. One path, one direction; written by control from receiver reports, read by the scheduler and by
// status. A path starts open, sent to without a limit, until its queue grows or it loses; then it is held
// near its knee. Invariant: a rate that was told is never exceeded. Reasons: docs/scheduling.md, "Capacity".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "base/units.hpp"
#include "link/delivery.hpp"

namespace sennit::link {

// Why a path carries no more.
enum class Limit : std::uint8_t {
  kNone,     // not saturated
  kQueue,    // what is sent too much waits in front of it
  kPolicer,  // what is sent too much is dropped
  kTold,     // the user's rate
};
std::string_view to_string(Limit limit);

// What a report may ask for beside a new rate.
enum class Verdict : std::uint8_t {
  kNothing,
  kForeignDelay,  // the delay above the base does not answer to our rate: it is the base now
};

class Capacity {
 public:
  // A path that has once been faster is not held: what limits it is the machine.
  static constexpr double kFastest = 1.5e9;

  // The user's rate, zero for none.
  void tell(base::BitRate told);
  // A new route: nothing is known but what was told.
  void restart();

  Verdict add(const Delivery& delivery, base::Instant now);
  // To be called now and then: what was found out about a path grows old when nothing is sent on it, and the
  // path is believed to be better again, up to the best that it has been.
  void relax(base::Instant now);

  // What to send at; zero: without a limit.
  base::BitRate rate() const;
  // Zero: not known.
  base::BitRate capacity() const { return to_rate(capacity_); }
  base::BitRate highest() const { return to_rate(highest_); }
  Limit saturation(base::Instant now) const { return now < saturated_until_ ? limit_ : Limit::kNone; }
  // When saturation() will say that it is over, unless a report says otherwise; in the past when it is.
  base::Instant saturated_until() const { return saturated_until_; }
  // The share that is lost whatever is sent.
  double random_loss() const { return random_loss_; }

 private:
  // Less is sent for a while, to see whether delay or loss answers.
  struct Trial {
    base::Instant begin;
    base::Instant end;
    base::Duration queue{};
    double loss = 0;
    double delivered = 0;  // bits/s, when it began
    double former_rate = 0;
    unsigned rounds = 0;
    bool is_about_loss = false;
  };

  // A delay above the base while next to nothing is sent.
  struct Still {
    base::Instant since;
    base::Duration queue{};
  };

  // Less is sent than arrives, until the queue has been empty.
  struct Drain {
    base::Instant end;  // what is sent later meets no queue of ours
    base::Duration queue{};
  };

  // More is sent for a round although a queue is there, to see whether more arrives.
  struct Attempt {
    base::Instant end;
    double share = 0;     // so much more
    double capacity = 0;  // when it began
  };

  static constexpr base::Duration kHighQueue = std::chrono::milliseconds(10);
  static constexpr base::Duration kReportDelay = std::chrono::milliseconds(50);
  static constexpr std::uint32_t kLeastEvidence = 16;
  static constexpr base::Duration kLongestLossTrial = std::chrono::milliseconds(1500);
  static constexpr unsigned kSuspicions = 2;
  static constexpr double kPolicedMargin = 0.985;
  static constexpr double kLeastRate = 64'000;

  static double bits(base::BitRate rate) { return static_cast<double>(rate.bits_per_second); }
  static base::BitRate to_rate(double bits_per_second) {
    return {static_cast<std::uint64_t>(bits_per_second)};
  }
  base::Duration window_length(const Delivery& delivery) const;
  base::Duration target() const;
  base::Duration target_at(double capacity) const;
  base::Duration round(const Delivery& delivery) const;
  base::Duration horizon(const Delivery& delivery) const;
  void take_note(const Delivery& delivery, base::Instant now);
  bool is_trickle() const;
  bool is_nearly_idle() const;
  static bool is_outlived(const Delivery& delivery);
  bool detect_foreign(const Delivery& delivery, base::Instant now);
  Verdict end_as_foreign(base::Instant now);
  bool detect_suspicious(const Delivery& delivery, base::Instant now);
  bool detect_stubborn(const Delivery& delivery, base::Instant now);
  bool loses() const;
  bool may_be_policed() const;
  void begin_trial(const Delivery& delivery, bool is_about_loss, base::Instant now);
  Verdict judge_trial(const Delivery& delivery, base::Instant now);
  Verdict judge_delay(const Delivery& delivery, bool shows, base::Instant now);
  Verdict judge_loss(const Delivery& delivery, bool shows, base::Instant now);
  void end_trial(Limit found, base::Instant now);
  void watch(const Delivery& delivery, base::Instant now);
  void note_highest(const Delivery& delivery);
  void note_busy(const Delivery& delivery);
  void hold(const Delivery& delivery, base::Instant now);
  void heed_policer(base::Instant now);
  void take_loss_as_own(base::Instant now);
  void note_drain(const Delivery& delivery, base::Instant now);
  bool is_undrained(const Delivery& delivery) const;
  bool is_measured() const;
  void note_full(const Delivery& delivery, base::Instant now);
  bool is_short(const Delivery& delivery, base::Instant now) const;
  void attempt(const Delivery& delivery, base::Instant now);
  void search(const Delivery& delivery, base::Instant now);
  void take_capacity(double measured);
  void note_saturation(const Delivery& delivery, base::Instant now);
  void forget_recent();
  void note_noise(const Delivery& delivery);

  double told_ = 0;
  double rate_ = 0;  // zero: open
  double capacity_ = 0;
  double highest_ = 0;    // over a second
  bool is_fast_ = false;  // has been faster than kFastest
  double growth_ = 0;     // how much more than the capacity is tried
  double random_loss_ = 0;
  bool is_policed_ = false;
  // What came through while a policer dropped.
  struct Policed {
    double rate = 0;    // the last time
    double lowest = 0;  // since it began
    base::Instant last;
    unsigned falls = 0;  // so often it was much less than ever before
  };
  Policed policed_;
  Limit limit_ = Limit::kNone;
  DeliveryWindow recent_;
  DeliveryWindow lasting_;
  DeliveryWindow losses_;
  DeliveryWindow busy_;  // while there was a queue all the time
  bool had_queue_ = false;
  std::optional<Trial> trial_;
  unsigned suspicions_ = 0;
  unsigned standing_ = 0;  // reports in a row with a queue on an open path
  double packet_bits_ = 12000;
  base::Duration last_queue_{};
  base::Duration noise_{};
  base::Instant next_growth_;
  base::Instant last_used_;
  base::Instant last_empty_;
  base::Instant last_met_;   // when the queue was last near its target
  double met_capacity_ = 0;  // at that time
  std::optional<Still> still_;
  std::optional<Drain> drain_;
  std::optional<Attempt> attempt_;
  std::optional<base::Instant> full_since_;  // all is used that may be sent, and there is no queue
  base::Instant next_attempt_;
  base::Instant last_trial_ = base::Instant::min();
  base::Instant saturated_until_ = base::Instant::min();
};

}  // namespace sennit::link
