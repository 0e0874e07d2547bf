// Watches what metered links carry (`quota=`): counts it over restarts, and says when a link's quota is used
// up and when its next period begins. Decides nothing else: Uplinks keeps a spent link for the last. Reads
// the endpoint's report once a second, only where there is a quota.
// Invariant: a crash forgets at most kSaveEvery of what was carried.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/quota_ledger.hpp"
#include "config/options.hpp"
#include "io/driver.hpp"
#include "tunnel/report.hpp"

namespace sennit::client {

class Quotas {
 public:
  static constexpr std::chrono::seconds kLookEvery{1};
  static constexpr std::chrono::seconds kSaveEvery{60};

  using Report = std::function<tunnel::EndpointReport()>;
  // Who hears that a link's quota is used up, or that it has one again.
  using Verdict = std::function<void(const std::string& link, bool is_spent)>;

  Quotas(io::Driver& driver, std::filesystem::path file, Report report, Verdict verdict);

  // The quota of a link as it is configured now; none: it is not metered.
  void set(const std::string& link, std::optional<base::Bytes> quota, std::chrono::day reset);
  // Says which links are spent already, and begins to count.
  void start();
  // What the link has carried in this period.
  base::Bytes used(const std::string& link) const;
  // Counts and writes down what was carried to the end.
  void stop();

 private:
  struct Metered {
    base::Bytes quota;
    std::chrono::day reset{1};
    base::Bytes counted;  // of what the endpoint has reported
    bool is_spent = false;
  };

  // Logs where the disk refuses.
  void save();
  void look();
  void look_later();
  void judge(const std::string& link, Metered& metered);

  boost::asio::steady_timer timer_;
  std::filesystem::path file_;
  Report report_;
  Verdict verdict_;
  QuotaLedger ledger_;
  QuotaLedger saved_;
  std::map<std::string, Metered> metered_;
  base::Instant next_save_;
  bool is_running_ = false;
};

}  // namespace sennit::client
