// Wrong requests of any type, found by its descriptor: an RPC that is added is tried like the rest.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::control::rpc {

// What fields of these names hold in a good request.
using FieldValues = std::map<std::string, std::string, std::less<>>;

// One thing that is wrong with a request.
struct Mutation {
  // As an answer names it: "client.address", "sessions[0].epoch".
  std::string field;
  std::string what;
  // No request may be taken with this; else it may be fine, by what the field means.
  bool has_to_be_refused = false;
  std::function<void(google::protobuf::Message&)> apply;
};

// A message of this type with every field that a good request needs.
std::unique_ptr<google::protobuf::Message> good_message(const google::protobuf::Descriptor& type,
                                                        const FieldValues& values);

// Strings and lists of absurd length, control characters, unknown enums, numbers and times beyond
// all sense: one mutation each, for every field down to the innermost message.
std::vector<Mutation> mutations_of(const google::protobuf::Descriptor& type,
                                   const FieldValues& values);

}  // namespace weir::control::rpc
