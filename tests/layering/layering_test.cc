#include "tests/layering/layering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <ostream>

namespace weir::layering {

void PrintTo(const Violation& violation, std::ostream* out) {
  *out << violation.file << ':' << violation.line << " may not include " << violation.include;
}

namespace {

namespace fs = std::filesystem;

TEST(Layering, TheSourcesKeepTheirLayers) {
  EXPECT_THAT(find_violations(WEIR_SOURCE_DIR), testing::IsEmpty());
}

// A tree of one file, removed with the fixture.
class PlantedInclude : public testing::Test {
 protected:
  PlantedInclude()
      : root_(fs::temp_directory_path() / ("weir-layering-" + std::to_string(::getpid()))) {}
  ~PlantedInclude() override { fs::remove_all(root_); }

  std::vector<Violation> plant(const fs::path& file, const std::string& text) {
    fs::remove_all(root_);
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
    return find_violations(root_);
  }

 private:
  fs::path root_;
};

TEST_F(PlantedInclude, AForbiddenOneIsFoundWithItsLine) {
  EXPECT_THAT(plant("media_svc/hub/stream_log.cc",
                    "#include \"media_svc/flv/tag.h\"\n#include <boost/asio/io_context.hpp>\n"),
              testing::ElementsAre(
                  Violation{"media_svc/hub/stream_log.cc", 2, "boost/asio/io_context.hpp"}));
}

TEST_F(PlantedInclude, EachRuleCanFail) {
  struct Case {
    const char* file;
    const char* include;
  };
  constexpr Case kForbidden[] = {
      {"media_svc/rtmp/chunk_reader.cc", "media_svc/hub/stream_log.h"},
      {"media_svc/rtmp/chunk_reader.cc", "boost/asio.hpp"},
      {"media_svc/flv/tag.h", "boost/beast/core.hpp"},
      {"media_svc/hub/stream_log.cc", "media_svc/rtmp/message.h"},
      {"media_svc/hub/stream_log.cc", "media_svc/net/worker.h"},
      {"media_svc/admission/admission_machine.h", "media_svc/control_link/control_link.h"},
      {"media_svc/control_link/control_link.cc", "media_svc/net/worker.h"},
      {"media_svc/net/worker.cc", "weir/v1/session_service.grpc.pb.h"},
      {"media_svc/net/worker.cc", "grpcpp/grpcpp.h"},
      {"media_svc/net/worker.cc", "media_svc/main.h"},
      {"media_svc/net/worker.cc", "control_svc/domain/session.h"},
      {"control_svc/domain/session.cc", "control_svc/store/record_store.h"},
      {"control_svc/domain/session.cc", "weir/v1/session_service.pb.h"},
      {"control_svc/store/memory_store.cc", "control_svc/rpc/session_service.h"},
      {"control_svc/rpc/session_service.cc", "sqlite3.h"},
      {"common/clock.cc", "common/log/log.h"},
      {"common/log/log.cc", "control_svc/domain/session.h"},
      {"control_svc/main.cc", "tests/support/process.h"},
  };
  for (const Case& c : kForbidden) {
    EXPECT_THAT(plant(c.file, std::string("#include \"") + c.include + "\"\n"), testing::SizeIs(1))
        << c.file << " includes " << c.include;
  }
}

TEST_F(PlantedInclude, AnAllowedOneIsNotFound) {
  EXPECT_THAT(plant("control_svc/rpc/session_service.cc",
                    "#include <grpcpp/grpcpp.h>\n#include <vector>\n"
                    "#include \"control_svc/domain/session.h\"\n"
                    "#include \"control_svc/rpc/status_map.h\"\n"),
              testing::IsEmpty());
}

}  // namespace
}  // namespace weir::layering
