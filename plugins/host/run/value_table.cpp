#include "plugins/host/run/value_table.hpp"

#include "plugins/host/run/stage_call.hpp"

namespace deployflow::run {
namespace {

using pipeline::Value;

const Value& from_c(const df_value* value) {
  return *reinterpret_cast<const Value*>(value);
}

int32_t value_kind(df_ctx*, const df_value* value) {
  if (value == nullptr) {
    return DF_NULL;
  }
  switch (from_c(value).kind) {
    case Value::Kind::null:
      return DF_NULL;
    case Value::Kind::boolean:
      return DF_BOOL;
    case Value::Kind::integer:
      return DF_INT;
    case Value::Kind::real:
      return DF_REAL;
    case Value::Kind::string:
      return DF_STRING;
    case Value::Kind::list:
      return DF_LIST;
    case Value::Kind::map:
      return DF_MAP;
  }
  return DF_NULL;
}

uint64_t value_count(df_ctx*, const df_value* value) {
  if (value == nullptr) {
    return 0;
  }
  const Value& v = from_c(value);
  return v.kind == Value::Kind::map ? v.map.size() : v.list.size();
}

const df_value* value_key(df_ctx*, const df_value* map, df_str key) {
  const Value* found = map != nullptr ? from_c(map).find(view(key)) : nullptr;
  return found != nullptr ? to_c(*found) : nullptr;
}

const df_value* value_at(df_ctx*, const df_value* list_or_map, uint64_t i, df_str* key_out) {
  if (list_or_map == nullptr) {
    return nullptr;
  }
  const Value& v = from_c(list_or_map);
  if (v.kind == Value::Kind::map) {
    if (i >= v.map.size()) {
      return nullptr;
    }
    if (key_out != nullptr) {
      *key_out = lend(v.map[i].first);
    }
    return to_c(v.map[i].second);
  }
  return i < v.list.size() ? to_c(v.list[i]) : nullptr;
}

df_status value_str(df_ctx*, const df_value* value, df_str* out) {
  if (value == nullptr || from_c(value).kind != Value::Kind::string) {
    return DF_BAD_OPTIONS;
  }
  *out = lend(from_c(value).text);
  return DF_OK;
}

df_status value_int(df_ctx*, const df_value* value, int64_t* out) {
  if (value == nullptr) {
    return DF_BAD_OPTIONS;
  }
  const Value& v = from_c(value);
  if (v.kind == Value::Kind::boolean) {
    *out = v.boolean ? 1 : 0;
    return DF_OK;
  }
  if (v.kind != Value::Kind::integer) {
    return DF_BAD_OPTIONS;
  }
  *out = v.integer;
  return DF_OK;
}

df_status value_real(df_ctx*, const df_value* value, double* out) {
  if (value == nullptr) {
    return DF_BAD_OPTIONS;
  }
  const Value& v = from_c(value);
  if (v.kind != Value::Kind::real && v.kind != Value::Kind::integer) {
    return DF_BAD_OPTIONS;
  }
  *out = v.kind == Value::Kind::real ? v.real : static_cast<double>(v.integer);
  return DF_OK;
}

df_status value_pos(df_ctx* ctx, const df_value* value, df_pos* out) {
  if (ctx == nullptr || value == nullptr) {
    return DF_BAD_OPTIONS;
  }
  const Value& v = from_c(value);
  *out = {};
  out->file = lend(ctx->run().pipeline_file);
  out->line = v.at.line;
  out->col = v.at.column;
  return DF_OK;
}

}  // namespace

void add_value_functions(df_host& table) {
  table.value_kind = value_kind;
  table.value_count = value_count;
  table.value_key = value_key;
  table.value_at = value_at;
  table.value_str = value_str;
  table.value_int = value_int;
  table.value_real = value_real;
  table.value_pos = value_pos;
}

}  // namespace deployflow::run
