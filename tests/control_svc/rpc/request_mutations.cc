#include "tests/control_svc/rpc/request_mutations.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <limits>
#include <utility>

namespace weir::control::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Longer than any text or list may be, and short of what gRPC refuses by itself.
constexpr std::size_t kTooLong = 20'001;
// Messages hold each other no deeper than this.
constexpr int kDeepest = 5;

void fill(Message& message, const FieldValues& values, int depth);

Message& element(Message& message, const FieldDescriptor& field, const FieldValues& values,
                 int depth) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    const bool fresh = !reflection.HasField(message, &field);
    Message& child = *reflection.MutableMessage(&message, &field);
    if (fresh) fill(child, values, depth);
    return child;
  }
  if (reflection.FieldSize(message, &field) > 0) {
    return *reflection.MutableRepeatedMessage(&message, &field, 0);
  }
  Message& child = *reflection.AddMessage(&message, &field);
  fill(child, values, depth);
  return child;
}

bool is_well_known(const Descriptor& type) { return type.file()->package() == "google.protobuf"; }

void fill(Message& message, const FieldValues& values, int depth) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.is_repeated() || field.containing_oneof() != nullptr) continue;
    const auto value = values.find(field.name());
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && value != values.end()) {
      reflection.SetString(&message, &field, value->second);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM && value != values.end()) {
      // Enums of other types have fields of the same name.
      const auto* number = field.enum_type()->FindValueByName(value->second);
      if (number != nullptr) reflection.SetEnum(&message, &field, number);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth < kDeepest &&
               !is_well_known(*field.message_type())) {
      element(message, field, values, depth + 1);
    }
  }
}

// Finds the mutations of one message, which `reach` finds in the whole request.
class Collector {
 public:
  using Reach = std::function<Message&(Message&)>;

  Collector(const FieldValues& values, std::vector<Mutation>& found)
      : values_(values), found_(found) {}

  void collect(const Descriptor& type, const std::string& prefix, const Reach& reach, int depth) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string name = prefix + field.name();
      if (field.is_repeated()) collect_list(field, name, reach);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        collect_message(field, field.is_repeated() ? name + "[0]" : name, reach, depth);
      } else if (!field.is_repeated()) {
        collect_scalar(field, name, reach);
      }
    }
  }

 private:
  void add(const std::string& name, std::string what, bool refused,
           std::function<void(Message&)> apply) {
    found_.push_back({name, std::move(what), refused, std::move(apply)});
  }

  void collect_list(const FieldDescriptor& field, const std::string& name, const Reach& reach) {
    add(name, "a list of 20,001", true, [&field, reach](Message& root) {
      Message& message = reach(root);
      const auto& reflection = *message.GetReflection();
      for (std::size_t i = 0; i < kTooLong; ++i) {
        switch (field.cpp_type()) {
          case FieldDescriptor::CPPTYPE_STRING:
            reflection.AddString(&message, &field, "x");
            break;
          case FieldDescriptor::CPPTYPE_ENUM:
            reflection.AddEnumValue(&message, &field, 1);
            break;
          default:
            reflection.AddMessage(&message, &field);
        }
      }
    });
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      add(name, "an unknown value", true, [&field, reach](Message& root) {
        Message& message = reach(root);
        message.GetReflection()->AddEnumValue(&message, &field, 99);
      });
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      // Of sessions to touch, an id that is none is answered as one more that is not live.
      add(name, "a long element", field.name() != "session_ids", [&field, reach](Message& root) {
        Message& message = reach(root);
        message.GetReflection()->AddString(&message, &field, std::string(kTooLong, 'x'));
      });
    }
  }

  void collect_message(const FieldDescriptor& field, const std::string& name, const Reach& reach,
                       int depth) {
    const Descriptor& type = *field.message_type();
    const Reach inner = [&field, &values = values_, reach, depth](Message& root) -> Message& {
      return element(reach(root), field, values, depth + 1);
    };
    if (type.full_name() == "google.protobuf.Duration") {
      return collect_times<google::protobuf::Duration>(name, inner, -1);
    }
    if (type.full_name() == "google.protobuf.Timestamp") {
      constexpr std::int64_t kBeforeYearOne = -62'135'596'801;
      return collect_times<google::protobuf::Timestamp>(name, inner, kBeforeYearOne);
    }
    if (type.full_name() == "google.protobuf.FieldMask") {
      return add(name, "an unknown path", true, [inner](Message& root) {
        dynamic_cast<google::protobuf::FieldMask&>(inner(root)).add_paths("no.such.field");
      });
    }
    if (depth < kDeepest) collect(type, name + ".", inner, depth + 1);
  }

  template <class Time>
  void collect_times(const std::string& name, const Reach& inner, std::int64_t too_small) {
    for (const std::int64_t seconds : {too_small, std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()}) {
      add(name, std::to_string(seconds) + " s", true, [inner, seconds](Message& root) {
        dynamic_cast<Time&>(inner(root)).set_seconds(seconds);
      });
    }
    add(name, "nanoseconds beyond a second", true, [inner](Message& root) {
      dynamic_cast<Time&>(inner(root)).set_nanos(std::numeric_limits<std::int32_t>::max());
    });
  }

  void collect_scalar(const FieldDescriptor& field, const std::string& name, const Reach& reach) {
    const auto add_value = [&](std::string what, bool refused, const auto& set) {
      add(name, std::move(what), refused, [&field, reach, set](Message& root) {
        Message& message = reach(root);
        set(*message.GetReflection(), message, field);
      });
    };
    const auto add_string = [&](std::string what, bool refused, const std::string& value) {
      add_value(std::move(what), refused, [value](auto& reflection, auto& message, auto& which) {
        reflection.SetString(&message, &which, value);
      });
    };
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        add_string("20,001 bytes", true, std::string(kTooLong, 'x'));
        add_string("control characters", field.name().ends_with("_id"), "live/\x1b[2J\n");
        add_string("nothing", false, "");
        add_string("a NUL", false, std::string("live/\0x", 7));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        for (const int value : {99, -1}) {
          add_value("an unknown value", true,
                    [value](auto& reflection, auto& message, auto& which) {
                      reflection.SetEnumValue(&message, &which, value);
                    });
        }
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        for (const std::int32_t value : {-1, INT32_MIN, INT32_MAX}) {
          add_value(std::to_string(value), value < 0,
                    [value](auto& reflection, auto& message, auto& which) {
                      reflection.SetInt32(&message, &which, value);
                    });
        }
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        for (const std::int64_t value : {std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
          add_value(std::to_string(value), value < 0,
                    [value](auto& reflection, auto& message, auto& which) {
                      reflection.SetInt64(&message, &which, value);
                    });
        }
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        for (const double value : {-1.0, std::numeric_limits<double>::quiet_NaN(),
                                   std::numeric_limits<double>::infinity()}) {
          add_value(std::to_string(value), true,
                    [value](auto& reflection, auto& message, auto& which) {
                      reflection.SetDouble(&message, &which, value);
                    });
        }
        break;
      default:
        // A bool has no wrong value.
        break;
    }
  }

  const FieldValues& values_;
  std::vector<Mutation>& found_;
};

}  // namespace

std::unique_ptr<Message> good_message(const Descriptor& type, const FieldValues& values) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  std::unique_ptr<Message> message(factory->GetPrototype(&type)->New());
  fill(*message, values, 0);
  return message;
}

std::vector<Mutation> mutations_of(const Descriptor& type, const FieldValues& values) {
  std::vector<Mutation> found;
  Collector(values, found).collect(type, "", [](Message& root) -> Message& { return root; }, 0);
  return found;
}

}  // namespace weir::control::rpc
