#include "config/impair_options.hpp"

#include <gtest/gtest.h>

#include <map>

#include "config/impair_text.hpp"

namespace sennit::config {
namespace {

using namespace std::chrono_literals;

// Files that exist in these tests.
Parsed<std::string> read_test_file(const std::string& path) {
  static const std::map<std::string, std::string> files{{"/t/lte.up", "1\n5\n10\n"},
                                                        {"/t/bad.up", "5\n1\n"},
                                                        {"my.dist", "-100 0 100\n"},
                                                        {"/t/bad.dist", "x"}};
  const auto file = files.find(path);
  if (file == files.end()) return Invalid{"'" + path + "' cannot be read", "a file of these tests"};
  return file->second;
}

impair::Settings parsed(std::string_view text) {
  const auto settings = parse_impairment(text, read_test_file);
  EXPECT_TRUE(settings) << text << ": " << (settings ? "" : to_string(settings.invalid()));
  return settings ? *settings : impair::Settings{};
}

TEST(ImpairOptions, AreAllToldThatAreRefused) {
  const auto refused = [](std::string_view text) {
    std::string keys;
    for (const auto& option : refused_options(text, read_test_file)) keys += option.key + " ";
    return keys;
  };
  EXPECT_EQ(refused("rate=abc dely=1ms loss=300% trace=/none"), "rate dely loss trace ");
  EXPECT_EQ(refused("burst=3kB peak=2mbit aqm=codel"), "burst aqm ");
  EXPECT_EQ(refused("delay=two jitter=1ms"), "delay ")
      << "options are held against each other only once they are right";
  EXPECT_EQ(refused("nonsense"), " ");
  EXPECT_EQ(refused("rate=1mbit delay=5ms"), "");
}

TEST(ImpairOptions, LeftOutImpairNothing) {
  EXPECT_EQ(to_text(parsed("")), "");
  EXPECT_EQ(to_text(impair::Settings{}), "");
}

TEST(ImpairOptions, OfTheContractAreRead) {
  const auto settings = parsed("rate=780kbit delay=100ms loss=1%");
  EXPECT_EQ(settings.rate.rate.bits_per_second, 780'000U);
  EXPECT_EQ(settings.delay.delay, 100ms);
  EXPECT_EQ(std::get<impair::RandomShare>(settings.loss).share.value, 0.01);
}

TEST(ImpairOptions, AreWrittenAsTheyAreRead) {
  const char* texts[] = {
      "rate=780kbit delay=100ms loss=1%",
      "rate=1638.4kbit burst=15kB peak=5mbit overhead=pppoe-llc queue=250ms aqm=fq_codel ecn=all",
      "rate=14.4kbit overhead=-4+atm queue=200packets aqm=sfq ecn=off",
      "rate=1gbit overhead=38+ptm+least84 queue=64kB aqm=prio",
      "rate=9.6kbit overhead=7 aqm=codel",
      "delay=57.5ms jitter=250us distribution=paretonormal delay-correlation=25%",
      "delay=1.5s jitter=1ms distribution=my.dist",
      "loss=0.1% loss-correlation=25%",
      "loss=2% loss-burst=2.5",
      "loss-model=gilbert-elliott 1% 20% 90% 0.1%",
      "loss-model=states 1% 30% 20% 50% 2%",
      "corrupt=0.01% corrupt-correlation=50% corrupt-mode=bits 3 payload repaired",
      "corrupt=1% corrupt-mode=bytes 4 header",
      "duplicate=1% duplicate-correlation=10%",
      "delay=10ms reorder=25% reorder-correlation=50% reorder-gap=5",
      "trace=/t/lte.up queue=1s",
      "outage=10s/500ms exponential hold",
      "outage=5m/1s",
      "slot=10ms 20ms packets 16 bytes 24kB",
      "slot=800us",
      "delay=100ms order=netem",
      "rate=1mbit queue=50packets order=netem seed=18446744073709551615"};
  for (const auto* text : texts) EXPECT_EQ(to_text(parsed(text)), text);
}

TEST(ImpairOptions, HaveShorterAndLongerSpellings) {
  const std::pair<const char*, const char*> cases[] = {
      {"loss-model=gilbert-elliott,1%", "loss-model=gilbert-elliott 1% 99% 100% 0%"},
      {"loss-model=states 5%", "loss-model=states 5% 95% 0% 100% 0%"},
      {"  delay=0.1s\t\nrate=0.78Mbit ", "rate=780kbit delay=100ms"},
      {"overhead=none rate=1mbit aqm=droptail order=link ecn=aqm", "rate=1mbit"},
      {"corrupt=1% corrupt-mode=bit,packet", "corrupt=1%"},
      {"delay=10ms jitter=1ms distribution=uniform", "delay=10ms jitter=1ms"},
      {"slot=10ms 10ms", "slot=10ms"},
      {"delay=0s", ""},
      {"delay=1s jitter=0ms distribution=my.dist delay-correlation=25%", "delay=1s"},
      {"corrupt=0% corrupt-mode=bits 3 duplicate=0% duplicate-correlation=5%", ""},
      {"delay=1s reorder=0% reorder-gap=3", "delay=1s"}};
  for (const auto& [text, written] : cases) EXPECT_EQ(to_text(parsed(text)), written) << text;
}

TEST(ImpairOptions, ReadTheFilesThatTheyName) {
  EXPECT_EQ(parsed("trace=/t/lte.up").rate.trace->period(), 10ms);
  EXPECT_EQ(parsed("delay=10ms jitter=1ms distribution=my.dist").delay.table->size(), 3U);
}

TEST(ImpairOptions, WhenWrongNameKeyValueAndWhatIsAllowed) {
  const std::pair<const char*, const char*> cases[] = {
      {"lose=1%", "'lose' is not an impairment option (did you mean 'loss'?); allowed: "},
      {"delay", "'delay' is not an impairment option; allowed: key=value, as in delay=100ms"},
      {"loss=300%", "loss: '300%' is out of range; allowed: 0% to 100%, as in 0.1%"},
      {"loss=1", "loss: '1' has no unit; allowed: 0% to 100%, as in 0.1%"},
      {"loss=", "loss: '' is not a share; allowed: 0% to 100%, as in 0.1%"},
      {"rate=0kbit", "rate: '0kbit' is out of range; allowed: 1bit to 1000gbit with the unit "},
      {"delay=2h",
       "delay: '2h' is out of range; allowed: 0s to 1h with the unit us, ms, s, m or h, as in 20ms"},
      {"delay=100", "delay: '100' has no unit; allowed: 0s to 1h"},
      {"delay=10ms delay=20ms", "delay: it is given twice; allowed: each key once"},
      {"delay=10ms jitter=1ms delay-correlation=100%",
       "delay-correlation: '100%' is out of range; allowed: 0% to 99.99%"},
      {"delay=10ms jitter=1ms distribution=gauss",
       "distribution: 'gauss' is not known; allowed: uniform, normal, pareto or paretonormal, or the path of "
       "a .dist"},
      {"delay=10ms jitter=1ms distribution=/t/bad.dist",
       "distribution: '/t/bad.dist': line 1 holds something else than numbers of -32768 to 32767; allowed: a "
       ".dist file "
       "of iproute2"},
      {"delay=10ms jitter=1ms distribution=/none", "distribution: '/none' cannot be read; allowed: "},
      {"trace=/t/bad.up",
       "trace: '/t/bad.up': line 2: it is earlier than the line before; allowed: a mahimahi trace"},
      {"rate=1mbit queue=5",
       "queue: '5' is not the limit of a queue; allowed: a duration, a size or a number"},
      {"rate=1mbit queue=0packets", "queue: '0packets' is not 1packets to 1000000packets; allowed: "},
      {"rate=1mbit aqm=red", "aqm: 'red' is not known; allowed: droptail, codel, fq_codel, sfq or prio"},
      {"rate=1mbit overhead=atm",
       "overhead: 'atm' is not an overhead; allowed: none, ethernet, docsis, ptm, "},
      {"rate=1mbit overhead=32+cells", "overhead: '32+cells' is not an overhead; allowed: "},
      {"rate=1mbit overhead=300", "overhead: '300' is not an overhead; allowed: "},
      {"rate=1mbit burst=0B", "burst: '0B' is out of range; allowed: 1B to 1GB, as in 15kB"},
      {"loss=1% loss-burst=0.5", "loss-burst: '0.5' is out of range; allowed: a mean number of packets"},
      {"loss-model=bernoulli 1%",
       "loss-model: 'bernoulli 1%' is not a loss model; allowed: gilbert-elliott P"},
      {"loss-model=gilbert-elliott", "loss-model: 'gilbert-elliott' is not a loss model; allowed: "},
      {"loss-model=gilbert-elliott 1% 2% 3% 4% 5%", "loss-model: 'gilbert-elliott 1% 2% 3% 4% 5%' is not"},
      {"loss-model=states 60% 10% 10% 10% 60%",
       "loss-model: 'states 60% 10% 10% 10% 60%' is not a loss model"},
      {"corrupt=1% corrupt-mode=bits", "corrupt-mode: 'bits' does not say how many; allowed: bit, bits N"},
      {"corrupt=1% corrupt-mode=checksum", "corrupt-mode: 'checksum' is not a way to corrupt; allowed: bit"},
      {"outage=5s", "outage: '5s' is not an outage; allowed: ON/OFF"},
      {"outage=5s/0s", "outage: '5s/0s' is not an outage; allowed: ON/OFF"},
      {"slot=20ms 10ms", "slot: '20ms 10ms' is not a slot; allowed: LEAST [MOST]"},
      {"seed=-1", "seed: '-1' is not a seed; allowed: a whole number of 0 to 18446744073709551615"},
      {"delay=1ms reorder=1% reorder-gap=0", "reorder-gap: '0' is out of range; allowed: 1 to 1000000"},
      {"order=tc", "order: 'tc' is not known; allowed: link or netem"}};
  for (const auto& [text, message] : cases) {
    const auto settings = parse_impairment(text, read_test_file);
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(to_string(settings.invalid()).substr(0, std::string(message).size()), message);
  }
}

TEST(ImpairOptions, ThatMeanNothingTogetherAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"burst=3kB", "burst: there is no rate; allowed: burst together with rate"},
      {"rate=1mbit peak=2mbit",
       "peak: there is no burst to limit; allowed: peak together with rate and burst"},
      {"rate=1mbit burst=3kB peak=500kbit",
       "peak: it is below the rate; allowed: a rate not below that of rate"},
      {"trace=/t/lte.up rate=1mbit", "trace: there is a rate too; allowed: either trace or rate"},
      {"aqm=codel", "aqm: there is no rate to queue for; allowed: aqm together with rate or trace"},
      {"overhead=docsis",
       "overhead: there is no rate for it to use up; allowed: overhead together with rate or trace"},
      {"queue=10ms", "queue: there is no rate to queue for; allowed: queue together with rate or trace"},
      {"jitter=1ms", "jitter: there is no delay to vary; allowed: jitter together with delay"},
      {"loss-correlation=1%",
       "loss-correlation: there is no loss; allowed: loss-correlation together with loss"},
      {"loss=1% loss-model=gilbert-elliott 1%",
       "loss-model: there is a loss too; allowed: either loss or loss-model"},
      {"loss=1% loss-burst=2 loss-correlation=1%",
       "loss-burst: there is a loss-correlation too; allowed: either loss-burst or loss-correlation"},
      {"loss=90% loss-burst=2",
       "loss-burst: so much loss comes in longer bursts; allowed: at least loss / (100% - loss)"},
      {"corrupt-mode=bit", "corrupt-mode: nothing is corrupted; allowed: corrupt-mode together with corrupt"},
      {"reorder=1%",
       "reorder: there is no delay that a packet could be spared; allowed: reorder together with delay"},
      {"delay=1ms reorder-gap=5",
       "reorder-gap: nothing is reordered; allowed: reorder-gap together with reorder"},
      {"rate=1mbit burst=3kB order=netem",
       "burst: netem has no token bucket; allowed: burst with order=link"},
      {"outage=1s/1s order=netem", "outage: netem has no outages; allowed: outage with order=link"},
      {"rate=1mbit aqm=codel order=netem", "aqm: netem's queue is droptail; allowed: aqm with order=link"},
      {"queue=10ms order=netem",
       "queue: netem limits packets; allowed: a number of packets with order=netem, as in 1000packets"}};
  for (const auto& [text, message] : cases) {
    const auto settings = parse_impairment(text, read_test_file);
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(to_string(settings.invalid()), message);
  }
}

TEST(ImpairOptions, FromATableAreThoseOfAText) {
  const auto settings =
      parse_impairment({{"loss-model", "gilbert-elliott 1% 20%"}, {"delay", "5ms"}}, read_test_file);
  ASSERT_TRUE(settings);
  EXPECT_EQ(to_text(*settings), "delay=5ms loss-model=gilbert-elliott 1% 20% 100% 0%");
}

TEST(ImpairOptions, ReadFilesFromTheFileSystem) {
  EXPECT_FALSE(read_file("/nonexistent/trace"));
  EXPECT_FALSE(read_file("/"));
  EXPECT_TRUE(read_file(SENNIT_SOURCE_DIR "/CMakeLists.txt"));
}

}  // namespace
}  // namespace sennit::config
