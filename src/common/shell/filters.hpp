// The packet filters while an endpoint runs: numbers them, tells the back end, writes the files that copies
// go to, shows the counts. Between the control socket (filter_commands.hpp) and the back end. What is added
// while running lasts until the endpoint stops; the file's filters are there at each start. Invariant: the
// back end has the filters of this list, in its order; a refused one is in neither.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/filters.hpp"
#include "config/filter_options.hpp"
#include "io/driver.hpp"
#include "shell/device_backend.hpp"
#include "shell/device_book.hpp"
#include "shell/record_file.hpp"

namespace sennit::shell {

class Filters {
 public:
  // Empty. All three outlive it.
  Filters(const DeviceBook& book, io::Driver& driver, DeviceBackend& backend);
  Filters(const Filters&) = delete;
  Filters& operator=(const Filters&) = delete;
  ~Filters();

  // Behind the others. Throws base::UsageError for devices that are none, base::Error for files that cannot
  // be written or where the back end has no filters. Gives its number.
  std::uint32_t add(const config::FilterOptions& options);
  // Throws base::UsageError for a number that is none.
  void remove(std::uint32_t number);
  void clear();

  std::vector<api::FilterStatus> status() const;

 private:
  struct Entry {
    device::FilterId id;
    config::FilterOptions options;
    std::unique_ptr<RecordFile> file;  // for copies that go to one
    std::uint64_t missed = 0;
  };

  static api::FilterStatus status_of(const Entry& entry, const device::FilterReport& report);
  device::Filter filter_of(const config::FilterOptions& options) const;
  // What the file has not been given yet.
  void fetch(Entry& entry);
  void fetch_later();

  const DeviceBook& book_;
  DeviceBackend& backend_;
  boost::asio::steady_timer timer_;
  std::vector<Entry> entries_;
  std::uint32_t next_ = 1;
};

}  // namespace sennit::shell
