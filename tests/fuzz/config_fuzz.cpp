// Configuration text: nothing makes the reader throw, and it gives either options or problems, each of one
// line.
#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "config/toml_file.hpp"
#include "config/validate.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace sennit;
using fuzz::require;

void check_texts(const config::Problems& problems) {
  for (const std::string& text : problems.texts()) {
    require(text.find('\n') == std::string::npos, "a problem is one line");
  }
}

void check_options(std::monostate) {}

template <class Options>
void check_options(const Options& options) {
  check_texts(config::validate(options));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::Loaded loaded = config::load_text(text, "fuzz.toml");
  const bool has_options = !std::holds_alternative<std::monostate>(loaded.options);
  require(has_options || !loaded.problems.empty(), "no options only with a problem");
  check_texts(loaded.problems);
  std::visit([](const auto& options) { check_options(options); }, loaded.options);
  return 0;
}
