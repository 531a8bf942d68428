// A test of one media instance.
#pragma once

#include <gtest/gtest.h>

#include "tests/media_svc/net/media_instance.h"

namespace weir::media::testing {

class ServiceFixture : public ::testing::Test, public MediaInstance {};

}  // namespace weir::media::testing
