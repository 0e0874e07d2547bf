// What is set for devices, kept in the state folder from run to run: an SQLite database of one table.
// Written at every change, one row; what stands in it is DeviceBook's matter. A crash of the program loses
// nothing, one of the machine the last changes at most.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shell/device_book.hpp"

struct sqlite3;

namespace sennit::shell {

class DeviceStore {
 public:
  // Opens or makes the database. Throws base::Error with the remedy where that cannot be.
  explicit DeviceStore(std::filesystem::path file);

  std::vector<StoredDevice> load() const;
  // Remembers these, in place of what was known of their matches, all or none.
  void save(const std::vector<StoredDevice>& devices);
  // Forgets them likewise.
  void erase(const std::vector<std::string>& matches);

 private:
  void add_backends() const;
  void execute(const std::string& sql) const;
  [[noreturn]] void refuse() const;

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

}  // namespace sennit::shell
