#include "common/config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace weir::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

enum class Store { kMemory, kEmbedded };

struct Values {
  Endpoint rtmp_listen{"127.0.0.1", 1935};
  std::optional<Endpoint> rtmps_listen;
  Duration session_phase = 10s;
  ByteSize message_max = 16_MiB;
  std::int64_t workers = 2;
  double draining_fraction = 0.25;
  Store store = Store::kEmbedded;
  std::string instance_id = "pod-7";
  bool insecure = false;
  Secret token;
  bool healthcheck = false;
};

// A fresh table over fresh values, and a folder for files, for each test.
class Loader : public ::testing::Test {
 protected:
  Loader() {
    options_.add({"rtmp-listen", "Where RTMP is taken."}, values_.rtmp_listen);
    options_.add({"rtmps-listen", "Where RTMPS is taken."}, values_.rtmps_listen);
    options_.add({"session-phase", "How often a phase is fetched."}, values_.session_phase,
                 {1s, 1h});
    options_.add({"message-max", "Longest message."}, values_.message_max, {1_KiB, 64_MiB});
    options_.add({"workers", "Threads."}, values_.workers, {1, 64});
    options_.add({"draining-fraction", "Part that may drain."}, values_.draining_fraction,
                 {0.0, 1.0});
    options_.add({.name = "store", .help = "Where records are.", .key = "store.backend"},
                 values_.store, {{"memory", Store::kMemory}, {"embedded", Store::kEmbedded}});
    options_.add({.name = "instance-id", .help = "Its name.", .shown_default = "host name"},
                 values_.instance_id);
    options_.add({"insecure", "Listen beyond loopback in the open."}, values_.insecure);
    options_.add({"token", "What opens the door."}, values_.token);
    options_.add_command({"healthcheck", "Asks the running process."}, values_.healthcheck);
    std::filesystem::create_directory(folder_);
  }
  ~Loader() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& content) {
    const std::string path = folder_ / name;
    std::ofstream(path) << content;
    return path;
  }

  std::vector<std::string> load_with(std::vector<std::string> arguments) {
    return load(options_,
                {.arguments = std::move(arguments), .environment = [this](const std::string& name) {
                   const auto found = environment_.find(name);
                   return found == environment_.end() ? std::nullopt
                                                      : std::optional<std::string>(found->second);
                 }});
  }

  Values values_;
  Options options_;
  std::map<std::string, std::string> environment_;
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("weir-loader-test-" + std::to_string(getpid()));
};

TEST_F(Loader, DefaultsStandWhereNothingIsGiven) {
  EXPECT_THAT(load_with({}), IsEmpty());
  EXPECT_EQ(values_.rtmp_listen, (Endpoint{"127.0.0.1", 1935}));
  EXPECT_EQ(values_.session_phase, 10s);
  EXPECT_FALSE(values_.healthcheck);
}

TEST_F(Loader, FlagsOfEveryTypeAreRead) {
  EXPECT_THAT(load_with({"--rtmp-listen", "[::1]:0", "--rtmps-listen=127.0.0.1:1936",
                         "--session-phase=500ms", "--message-max", "4MiB", "--workers=8",
                         "--draining-fraction", "0.5", "--store", "memory", "--instance-id", "a b",
                         "--insecure", "--token=hush", "--healthcheck"}),
              ElementsAre("--session-phase: must be from 1s to 1h"));
  EXPECT_EQ(values_.rtmp_listen, (Endpoint{"::1", 0}));
  EXPECT_EQ(values_.rtmps_listen, (Endpoint{"127.0.0.1", 1936}));
  EXPECT_EQ(values_.message_max, 4_MiB);
  EXPECT_EQ(values_.workers, 8);
  EXPECT_EQ(values_.draining_fraction, 0.5);
  EXPECT_EQ(values_.store, Store::kMemory);
  EXPECT_EQ(values_.instance_id, "a b");
  EXPECT_TRUE(values_.insecure);
  EXPECT_EQ(values_.token.reveal(), "hush");
  EXPECT_TRUE(values_.healthcheck);
}

TEST_F(Loader, FlagsWinOverEnvironmentOverFileOverDefault) {
  const std::string path = file("weir.toml", R"(
    store.backend = "memory"
    workers = 3
    insecure = true
    [session]
    phase = "3s"
    [rtmp]
    listen = "127.0.0.1:3"
  )");
  environment_ = {{"WEIR_SESSION_PHASE", "4s"},
                  {"WEIR_RTMP_LISTEN", "127.0.0.1:4"},
                  {"WEIR_CONTROL_SERVICE_HOST", "10.0.0.1"}};
  EXPECT_THAT(load_with({"--config", path, "--rtmp-listen", "127.0.0.1:5"}), IsEmpty());
  EXPECT_EQ(values_.rtmp_listen.port, 5);
  EXPECT_EQ(values_.session_phase, 4s);
  EXPECT_EQ(values_.workers, 3);
  EXPECT_EQ(values_.store, Store::kMemory);
  EXPECT_TRUE(values_.insecure);
  EXPECT_EQ(values_.message_max, 16_MiB);

  const std::string in_force = print_in_force(options_);
  EXPECT_THAT(in_force, HasSubstr("rtmp.listen = '127.0.0.1:5'  # flag\n"));
  EXPECT_THAT(in_force, HasSubstr("session.phase = '4s'  # environment\n"));
  EXPECT_THAT(in_force, HasSubstr("store.backend = 'memory'  # file\n"));
  EXPECT_THAT(in_force, HasSubstr("message.max = '16MiB'  # default\n"));
}

TEST_F(Loader, TheFileMayBeNamedByTheEnvironment) {
  environment_["WEIR_CONFIG"] = file("weir.toml", "workers = 5\n");
  EXPECT_THAT(load_with({}), IsEmpty());
  EXPECT_EQ(values_.workers, 5);
}

TEST_F(Loader, AllMistakesAreReportedAtOnce) {
  const std::string path = file("weir.toml",
                                "workers = 0\n"
                                "[rtmp]\n"
                                "lisen = \"127.0.0.1:1\"\n"
                                "[session]\n"
                                "phase = [\"3s\"]\n");
  environment_["WEIR_MESSAGE_MAX"] = "4MB";
  EXPECT_THAT(
      load_with({"--config", path, "--rtmp-lisen=x", "--rtmp-listen", "127.0.0.1:65536", "--speed",
                 "fast", "stray", "--store", "paper", "--instance-id", "--insecure=maybe"}),
      UnorderedElementsAre(
          "--rtmp-lisen: unknown flag", "--speed: unknown flag", "stray: unexpected argument",
          "--rtmp-listen: must be host:port, the port at most 65535, an IPv6 address in brackets",
          "--store: must be memory | embedded", "--instance-id: needs a value",
          "--insecure: must be true or false",
          "WEIR_MESSAGE_MAX: must be a size such as 64KiB or 4MiB",
          path + ":1: workers: must be from 1 to 64", path + ":3: rtmp.lisen: unknown key",
          path + ":5: session.phase: must be one value"));
}

TEST_F(Loader, AFileThatCannotBeReadIsAMistake) {
  EXPECT_THAT(load_with({"--config", "/nowhere/weir.toml"}),
              ElementsAre("/nowhere/weir.toml: cannot be read"));
  EXPECT_THAT(load_with({"--config", folder_.string()}),
              ElementsAre(folder_.string() + ": cannot be read"));
  const std::string path = file("weir.toml", "\n\nworkers == 3\n");
  EXPECT_THAT(load_with({"--config", path}), ElementsAre(HasSubstr(path + ":3: ")));
}

TEST_F(Loader, ASecretMayComeFromAFileAndIsMasked) {
  const std::string path = file("token", "hu#sh \n");
  EXPECT_THAT(load_with({"--token-file", path}), IsEmpty());
  EXPECT_EQ(values_.token.reveal(), "hu#sh ");
  const std::string in_force = print_in_force(options_);
  EXPECT_THAT(in_force, HasSubstr("token = '********'"));
  EXPECT_THAT(in_force, Not(HasSubstr("hu#sh")));
}

TEST_F(Loader, ASecretHasOneSource) {
  EXPECT_THAT(load_with({"--token=hush", "--token-file", file("token", "other")}),
              ElementsAre("--token-file: excludes the option without -file"));
  EXPECT_THAT(load_with({"--token-file=/nowhere"}), ElementsAre(HasSubstr("--token-file: ")));
}

TEST_F(Loader, RulesBetweenOptionsAreAskedOnceEachIsRight) {
  options_.require([this]() -> std::optional<std::string> {
    if (is_loopback(values_.rtmp_listen) || values_.insecure) return std::nullopt;
    return "--rtmp-listen: beyond loopback needs --insecure";
  });
  EXPECT_THAT(load_with({"--rtmp-listen=0.0.0.0:1", "--workers=0"}),
              ElementsAre("--workers: must be from 1 to 64",
                          "--rtmp-listen: beyond loopback needs --insecure"));
  EXPECT_THAT(load_with({"--rtmp-listen=0.0.0.0:1"}),
              ElementsAre("--rtmp-listen: beyond loopback needs --insecure"));
  EXPECT_THAT(load_with({"--rtmp-listen=0.0.0.0:1", "--insecure"}), IsEmpty());
}

TEST_F(Loader, TheReferenceNamesEverything) {
  const std::string reference = print_reference(options_);
  EXPECT_THAT(reference, HasSubstr("| `--session-phase` | `WEIR_SESSION_PHASE` | `session.phase` | "
                                   "duration | 10s | 1s to 1h | How often a phase is fetched. |"));
  EXPECT_THAT(reference, HasSubstr("memory \\| embedded"));
  EXPECT_THAT(reference, HasSubstr("| host name |"));
  EXPECT_THAT(reference, HasSubstr("`--token-file`"));
}

}  // namespace
}  // namespace weir::config
