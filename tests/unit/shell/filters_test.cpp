#include "shell/filters.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/error.hpp"
#include "unit/shell/fake_backend.hpp"

namespace sennit::shell {
namespace {

// Has the filters that it is given, in their order, and gives each a packet where it is told to.
class FakeWithFilters : public FakeBackend {
 public:
  bool has_filters() const override { return can_filter; }
  void add_filter(device::FilterId id, const device::Filter& filter) override {
    ids.push_back(id);
    last = filter;
  }
  void remove_filter(device::FilterId id) override { std::erase(ids, id); }
  device::Captured take_recorded(device::FilterId /*id*/) override { return std::exchange(recorded, {}); }
  std::vector<device::FilterReport> report_filters() const override {
    std::vector<device::FilterReport> reports;
    for (const auto id : ids) reports.push_back({id, 0, {}});
    return reports;
  }

  bool can_filter = true;
  std::vector<device::FilterId> ids;
  device::Filter last;
  device::Captured recorded;
};

config::FilterOptions filter(const std::vector<std::string>& words) {
  return *config::parse_filter(words, {});
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A run of an endpoint that has a state folder.
struct Session {
  Session(const std::filesystem::path& folder, const std::vector<config::FilterOptions>& configured,
          const std::vector<config::DeviceOptions>& devices = {})
      : store(folder / "devices.sqlite"), book(devices, {}), filters(book, store, driver, backend) {
    filters.configure(configured);
  }
  void restore() {
    for (const auto& stored : store.load_filters()) filters.restore(stored.number, filter(stored.words));
  }
  std::vector<std::uint32_t> numbers() const {
    std::vector<std::uint32_t> all;
    for (const auto& each : filters.status()) all.push_back(each.number);
    return all;
  }

  io::Driver driver;
  FakeWithFilters backend;
  DeviceStore store;
  DeviceBook book;
  Filters filters;
};

class AddedFilters : public testing::Test {
 protected:
  AddedFilters() {
    std::string pattern = testing::TempDir() + "filtersXXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~AddedFilters() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  config::FilterOptions drop_ = filter({"protocol=udp", "port=53,5353", "direction=up", "action=drop"});
  config::FilterOptions count_ = filter({"action=count"});
};

using Numbers = std::vector<std::uint32_t>;

TEST_F(AddedFilters, AreThereAfterARestartBehindThoseOfTheFileWithTheirNumbers) {
  {
    Session first(folder_, {count_, count_});
    EXPECT_EQ(first.filters.add(drop_), 3U);
    EXPECT_EQ(first.filters.add(count_), 4U);
  }
  Session second(folder_, {count_, count_});
  second.restore();
  EXPECT_EQ(second.numbers(), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(second.filters.status()[2].match, "protocol=udp port=53,5353");
  EXPECT_EQ(second.filters.status()[2].direction, "up");
  EXPECT_EQ(second.backend.ids.size(), 4U);
}

TEST_F(AddedFilters, KeepTheirNumbersWhenTheFileGetsMoreFilters) {
  Session(folder_, {count_}).filters.add(drop_);
  Session second(folder_, {count_, count_, count_});
  second.restore();
  EXPECT_EQ(second.numbers(), (Numbers{1, 3, 4, 2}));
  EXPECT_EQ(second.filters.add(count_), 5U);
}

TEST_F(AddedFilters, AreGoneForGoodWhenTheyAreDeletedOrCleared) {
  {
    Session first(folder_, {count_});
    for (int i = 0; i < 4; ++i) first.filters.add(drop_);
    first.filters.remove(3);
  }
  {
    Session second(folder_, {count_});
    second.restore();
    EXPECT_EQ(second.numbers(), (Numbers{1, 2, 4, 5}));
    second.filters.clear();
    EXPECT_EQ(second.numbers(), Numbers{});
  }
  Session third(folder_, {count_});
  third.restore();
  EXPECT_EQ(third.numbers(), Numbers{1}) << "the file's filter is there at each start";
  EXPECT_EQ(third.filters.add(drop_), 6U) << "numbers are not given twice";
}

TEST_F(AddedFilters, ThatTheFileHasAreNotStored) {
  Session run(folder_, {count_, drop_});
  EXPECT_TRUE(run.store.load_filters().empty());
  run.filters.remove(2);
  EXPECT_EQ(run.numbers(), Numbers{1});
}

TEST_F(AddedFilters, StayInTheStoreWhereTheyCannotBeHadAndCanBeForgotten) {
  {
    Session first(folder_, {});
    first.filters.add(drop_);
    first.filters.add(drop_);
  }
  {
    Session without(folder_, {});
    without.backend.can_filter = false;
    EXPECT_THROW(without.restore(), base::UsageError);
    EXPECT_EQ(without.numbers(), Numbers{});
    without.filters.remove(1);
    EXPECT_THROW(without.filters.remove(1), base::UsageError);
  }
  Session again(folder_, {});
  again.restore();
  EXPECT_EQ(again.numbers(), Numbers{2});
}

TEST_F(AddedFilters, ThatAreRefusedAreNotStored) {
  Session run(folder_, {});
  EXPECT_THROW(run.filters.add(filter({"device=10.0.0.1", "action=drop"})), base::UsageError);
  EXPECT_THROW(run.filters.add(filter({"action=duplicate", "to=/nowhere/a.pcapng"})), base::Error);
  EXPECT_TRUE(run.store.load_filters().empty());
  EXPECT_EQ(run.filters.add(count_), 1U);
}

TEST_F(AddedFilters, NameADeviceThatWasClearedInTheMeantime) {
  Session run(folder_, {});
  run.filters.restore(4, filter({"device=10.0.0.1", "action=drop"}));
  EXPECT_EQ(run.backend.last.device, base::DeviceMatch(*base::Prefix::parse("10.0.0.1")));
  EXPECT_THROW(run.filters.restore(5, filter({"device=phone", "action=drop"})), base::UsageError);
}

TEST_F(AddedFilters, WriteOnInTheFileThatAnEarlierRunDidNotFinish) {
  const auto file = folder_ / "copies.pcapng";
  const auto copies = filter({"action=duplicate", "to=" + file.string()});
  const auto packets = [] {
    return device::Captured{{{{}, device::Point::kBefore, device::Direction::kDown, {1, 2, 3, 4}}}, 0};
  };
  {
    Session first(folder_, {});
    first.filters.add(copies);
    first.backend.recorded = packets();
  }
  const auto before = content_of(file);
  std::ofstream(file, std::ios::app) << before.substr(0, 20);  // torn off by a kill
  {
    Session second(folder_, {});
    second.restore();
    second.backend.recorded = packets();
  }
  const auto whole = content_of(file);
  EXPECT_EQ(whole.size(), 2 * before.size());
  EXPECT_EQ(whole.substr(0, before.size()), before);
  EXPECT_EQ(whole.substr(before.size(), 28), before.substr(0, 28)) << "a section of its own";
  Session third(folder_, {copies});
  EXPECT_LT(content_of(file).size(), before.size()) << "the file's filter begins anew";
}

}  // namespace
}  // namespace sennit::shell
