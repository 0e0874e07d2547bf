// The packet filters while an endpoint runs: numbers them, keeps those that are added while running in the
// store, tells the back end, writes the files that copies go to, shows the counts. Between the control socket
// (filter_commands.hpp) and the back end. The file's filters are there at each start, in front of the others.
// Invariant: the back end has the filters of this list, in its order; a refused one is in neither. What is
// stored is in the list, or waits for a start at which it can be had. Reasons: docs/impairment.md, "Filters".
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/filters.hpp"
#include "config/filter_options.hpp"
#include "io/driver.hpp"
#include "shell/device_backend.hpp"
#include "shell/device_book.hpp"
#include "shell/device_store.hpp"
#include "shell/record_file.hpp"

namespace sennit::shell {

class Filters {
 public:
  // Empty. All four outlive it.
  Filters(const DeviceBook& book, DeviceStore& store, io::Driver& driver, DeviceBackend& backend);
  Filters(const Filters&) = delete;
  Filters& operator=(const Filters&) = delete;
  ~Filters();

  // Those of the file, which are not stored. Throws as add().
  void configure(const std::vector<config::FilterOptions>& configured);
  // Behind the others, as an earlier run had it; its devices may have been cleared since, but the back end
  // knows them. Throws as add(), and then it stays in the store.
  void restore(std::uint32_t number, const config::FilterOptions& options);
  // Behind the others, and over restarts. Throws base::UsageError for devices that are none and where the
  // back end has no filters, base::Error for files that cannot be written. Gives its number.
  std::uint32_t add(const config::FilterOptions& options);
  // Also from the store. Throws base::UsageError for a number that is none.
  void remove(std::uint32_t number);
  void clear();

  std::vector<api::FilterStatus> status() const;

 private:
  struct Entry {
    device::FilterId id;
    config::FilterOptions options;
    device::Filter filter;
    std::unique_ptr<RecordFile> file;  // for copies that go to one
    std::uint64_t missed = 0;
  };

  static api::FilterStatus status_of(const Entry& entry, const device::FilterReport& report);
  device::Filter filter_of(const config::FilterOptions& options) const;
  std::uint32_t unused_number() const;
  // Opens the file that the filter asks for; changes nothing else.
  Entry entry_of(std::uint32_t number, const config::FilterOptions& options, RecordStart start) const;
  void put(Entry entry);
  void take_away(std::vector<Entry>::iterator entry);
  // What the file has not been given yet.
  void fetch(Entry& entry);
  void fetch_later();

  const DeviceBook& book_;
  DeviceStore& store_;
  DeviceBackend& backend_;
  boost::asio::steady_timer timer_;
  std::vector<Entry> entries_;
  std::set<std::uint32_t> stored_;  // in the list or not
  std::uint32_t next_ = 1;
};

}  // namespace sennit::shell
