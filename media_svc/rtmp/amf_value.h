// Values of AMF0 and AMF3, as far as commands need them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::media::rtmp {

struct AmfProperty;

// Also what is not kept: undefined, references, dates, XML, byte arrays.
struct AmfUndefined {
  bool operator==(const AmfUndefined&) const = default;
};
struct AmfNull {
  bool operator==(const AmfNull&) const = default;
};
class AmfValue;

// Objects, typed objects, ECMA arrays and AMF3's associative parts.
struct AmfObject {
  std::vector<AmfProperty> properties;

  // The first property of that name; null if there is none.
  const AmfValue* find(std::string_view name) const;
  // The text of that property; empty if it is none or not there.
  std::string text(std::string_view name) const;
  bool operator==(const AmfObject& other) const;
};

struct AmfArray {
  std::vector<AmfValue> items;
  bool operator==(const AmfArray& other) const;
};

// A tree, owned. Made by the decoders for the time of one command.
class AmfValue {
 public:
  AmfValue();
  explicit AmfValue(AmfNull value);
  explicit AmfValue(bool value);
  explicit AmfValue(double value);
  explicit AmfValue(std::string value);
  explicit AmfValue(AmfObject value);
  explicit AmfValue(AmfArray value);

  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&value_);
  }
  // Empty for what is not a string.
  std::string_view text() const;
  // Booleans count as 0 and 1; `otherwise` for what is not a number.
  double number(double otherwise = 0) const;
  bool boolean(bool otherwise = false) const;
  // Null for what is not an object.
  const AmfObject* object() const { return get_if<AmfObject>(); }

  bool operator==(const AmfValue& other) const;

 private:
  std::variant<AmfUndefined, AmfNull, bool, double, std::string, AmfObject, AmfArray> value_;
};

struct AmfProperty {
  std::string name;
  AmfValue value;
  bool operator==(const AmfProperty& other) const = default;
};

}  // namespace weir::media::rtmp
