// What is set for devices, and the filters that were added while running, kept in the state folder from run
// to run: an SQLite database. Written at every change, a few rows; what stands in it is
// DeviceBook's and Filters' matter. A crash of the program loses nothing, one of the machine the last changes
// at most.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shell/device_book.hpp"

struct sqlite3;

namespace sennit::shell {

// A filter as it is kept over a restart: the words that it could be added with.
struct StoredFilter {
  std::uint32_t number = 0;
  std::vector<std::string> words;
  bool operator==(const StoredFilter&) const = default;
};

class DeviceStore {
 public:
  // Opens or makes the database. Throws base::Error with the remedy where that cannot be.
  explicit DeviceStore(std::filesystem::path file);

  std::vector<StoredDevice> load() const;
  // Remembers these, in place of what was known of their matches, all or none.
  void save(const std::vector<StoredDevice>& devices);
  // Forgets them likewise.
  void erase(const std::vector<std::string>& matches);

  // In the order of their numbers.
  std::vector<StoredFilter> load_filters() const;
  // The highest number that a filter has ever been saved with; 0: none.
  std::uint32_t last_filter() const;
  // Remembers and forgets filters, all or none.
  void save_filter(const StoredFilter& filter);
  void erase_filters(const std::vector<std::uint32_t>& numbers);

 private:
  void add_backends() const;
  std::vector<StoredTemporary> load_temporary(const std::string& match) const;
  // Whether the database took it.
  bool save_row(const StoredDevice& device);
  bool save_temporary(const StoredDevice& device);
  void execute(const std::string& sql) const;
  [[noreturn]] void refuse() const;

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

}  // namespace sennit::shell
