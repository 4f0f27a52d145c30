package runtime

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
)

// FromGo turns plain Go data into values: nil, bool, integers, floats, strings, byte
// slices, slices and maps with string keys (sorted) of these, and Values themselves.
func FromGo(v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return None, nil
	case Value:
		return v, nil
	case bool:
		return NewBool(v), nil
	case int:
		return NewInt(int64(v)), nil
	case int64:
		return NewInt(v), nil
	case uint64:
		return NewBigInt(new(big.Int).SetUint64(v)), nil
	case float64:
		return Float(v), nil
	case string:
		return Str(v), nil
	case []byte:
		return Bytes(v), nil
	case []string:
		l := &List{items: make([]Value, len(v))}
		for i, s := range v {
			l.items[i] = Str(s)
		}
		return l, nil
	case map[string]string:
		d := newDictSize(len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			d.SetStr(k, Str(v[k]))
		}
		return d, nil
	case []any:
		l := &List{items: make([]Value, len(v))}
		for i, x := range v {
			item, err := FromGo(x)
			if err != nil {
				return nil, err
			}
			l.items[i] = item
		}
		return l, nil
	case map[string]any:
		d := newDictSize(len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			item, err := FromGo(v[k])
			if err != nil {
				return nil, err
			}
			d.SetStr(k, item)
		}
		return d, nil
	}
	return nil, fmt.Errorf("convert %T to a Python value: unsupported type", v)
}

// maxConvertDepth bounds the nesting that ToGo follows.
const maxConvertDepth = 200

// ToGo turns plain values into nil, bool, int64, *big.Int, float64, string, []byte, []any
// and map[string]any. Other values, keys that are not strings and data within
// itself are errors.
func ToGo(v Value) (any, error) { return toGo(v, 0) }

func toGo(v Value, depth int) (any, error) {
	if depth > maxConvertDepth {
		return nil, fmt.Errorf("convert a Python value: nested deeper than %d", maxConvertDepth)
	}
	switch v := native(v).(type) {
	case NoneType:
		return nil, nil
	case Bool:
		return bool(v), nil
	case Int:
		return int64(v), nil
	case *BigInt:
		return new(big.Int).Set(v.v), nil
	case Float:
		return float64(v), nil
	case Str:
		return string(v), nil
	case Bytes:
		return []byte(v), nil
	case *List:
		return toGoSlice(v.Items(), depth)
	case *Tuple:
		return toGoSlice(v.Items, depth)
	case *Set:
		return toGoSlice(v.Members(), depth)
	case *Dict:
		out := make(map[string]any, v.Len())
		for k, x := range v.All() {
			name, ok := AsStr(k)
			if !ok {
				return nil, fmt.Errorf("convert a Python dict: a key is %s, not str", k.Class().Name)
			}
			item, err := toGo(x, depth+1)
			if err != nil {
				return nil, err
			}
			out[name] = item
		}
		return out, nil
	}
	return nil, fmt.Errorf("convert a Python value: unsupported type %s", v.Class().Name)
}

func toGoSlice(items []Value, depth int) ([]any, error) {
	out := make([]any, len(items))
	for i, x := range items {
		item, err := toGo(x, depth+1)
		if err != nil {
			return nil, err
		}
		out[i] = item
	}
	return out, nil
}
