#include "shell/device_store.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

#include "base/error.hpp"

namespace sennit::shell {
namespace {

using namespace std::chrono_literals;

class Store : public testing::Test {
 protected:
  Store() {
    std::string pattern = testing::TempDir() + "storeXXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    file_ = folder_ / "devices.sqlite";
  }
  ~Store() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::filesystem::path file_;
  StoredDevice phone_{
      "192.168.1.23", "", "rate=1mbit", "-", base::WallTime(std::chrono::hours(500'000)), "x"};
  StoredDevice network_{"192.168.1.0/24", "atc-3g-average", "-", "-", {}, ""};
  StoredFilter drop_{3, {"device=phone", "action=drop"}};
  StoredFilter copy_{7, {"action=duplicate", "to=/var/tmp/it's \"here\".pcapng"}};
};

TEST_F(Store, GivesBackWhatWasSavedAfterItWasClosed) {
  DeviceStore(file_).save({phone_, network_});
  EXPECT_EQ(DeviceStore(file_).load(), (std::vector{network_, phone_}));
}

TEST_F(Store, ReplacesADeviceAndForgetsOne) {
  DeviceStore store(file_);
  store.save({phone_, network_});
  phone_.expires.reset();
  phone_.down = "it's; DROP TABLE devices";
  store.save({phone_});
  store.erase({"192.168.1.0/24", "10.0.0.1"});
  EXPECT_EQ(store.load(), std::vector{phone_});
}

TEST_F(Store, KeepsWhatIsSetForAWhileBesideWhatLasts) {
  network_.temporary = {{"backend", "", "tc", *phone_.expires}, {"down", "atc-dsl", "-", *phone_.expires}};
  DeviceStore store(file_);
  store.save({network_});
  EXPECT_EQ(DeviceStore(file_).load(), std::vector{network_});
  network_.temporary.erase(network_.temporary.begin());
  store.save({network_});
  EXPECT_EQ(store.load(), std::vector{network_});
  store.erase({network_.match});
  network_.temporary.clear();
  store.save({network_});
  EXPECT_EQ(store.load(), std::vector{network_}) << "nothing has stayed behind";
}

TEST_F(Store, KnowsWhoHasADeviceAndTakesADatabaseThatDoesNot) {
  phone_.backend = "tunnel";
  DeviceStore(file_).save({phone_});
  EXPECT_EQ(DeviceStore(file_).load(), std::vector{phone_});
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "ALTER TABLE devices DROP COLUMN backend", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  phone_.backend = "";
  EXPECT_EQ(DeviceStore(file_).load(), std::vector{phone_});
}

TEST_F(Store, GivesBackFiltersInTheOrderOfTheirNumbers) {
  DeviceStore(file_).save_filter(copy_);
  DeviceStore(file_).save_filter(drop_);
  EXPECT_EQ(DeviceStore(file_).load_filters(), (std::vector{drop_, copy_}));
}

TEST_F(Store, ForgetsFiltersButNotWhichNumbersTheyHad) {
  DeviceStore store(file_);
  EXPECT_EQ(store.last_filter(), 0U);
  store.save_filter(drop_);
  store.save_filter(copy_);
  store.erase_filters({7, 8});
  EXPECT_EQ(store.load_filters(), std::vector{drop_});
  EXPECT_EQ(DeviceStore(file_).last_filter(), 7U);
}

TEST_F(Store, IsForItsOwnerOnly) {
  DeviceStore store(file_);
  struct stat status {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Store, RefusesAFileThatIsNoDatabase) {
  std::ofstream(file_) << std::string(5000, 'x');
  EXPECT_THROW(DeviceStore store(file_), base::Error);
}

TEST_F(Store, RefusesAFolderThatIsNotThere) {
  EXPECT_THROW(DeviceStore store(folder_ / "none" / "devices.sqlite"), base::Error);
}

}  // namespace
}  // namespace sennit::shell
