package runtime

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// floatHex is float.hex: the bits of a float, exactly.
func floatHex(f float64) string {
	const fractionBits, bias = 52, 1023
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return FormatFloat(f)
	}
	bits := math.Float64bits(math.Abs(f))
	fraction, exponent := bits&(1<<fractionBits-1), int(bits>>fractionBits)-bias
	sign, first := "", 1
	if math.Signbit(f) {
		sign = "-"
	}
	switch {
	case bits == 0:
		return sign + "0x0.0p+0"
	case exponent == -bias:
		first, exponent = 0, 1-bias
	}
	return fmt.Sprintf("%s0x%d.%013xp%+d", sign, first, fraction, exponent)
}

// floatFromHex is float.fromhex.
func floatFromHex(th *Thread, a Args) (Value, error) {
	text, ok := AsStr(a.Vals[1])
	if !ok {
		return nil, Errorf(TypeError, "bad argument type for built-in operation")
	}
	if err := th.Alloc(len(text)); err != nil {
		return nil, err
	}
	if err := th.work(len(text)); err != nil {
		return nil, err
	}
	f, err := parseHexFloat(strings.ToLower(strings.Trim(text, " \t\n\v\f\r")))
	if err != nil {
		return nil, err
	}
	if a.Vals[0] != Value(FloatClass) {
		return Call(th, a.Vals[0], Float(f))
	}
	return Float(f), nil
}

// parseHexFloat reads the text of a float in hexadecimal digits, in lower case.
func parseHexFloat(text string) (float64, error) {
	sign, rest := "", text
	if rest != "" && strings.IndexByte("+-", rest[0]) >= 0 {
		sign, rest = rest[:1], rest[1:]
	}
	switch rest {
	case "inf", "infinity":
		return strconv.ParseFloat(sign+rest, 64)
	case "nan":
		return math.NaN(), nil
	}
	digits, exponent, scaled := strings.Cut(strings.TrimPrefix(rest, "0x"), "p")
	whole, fraction, _ := strings.Cut(digits, ".")
	power := strings.TrimPrefix(strings.TrimPrefix(exponent, "+"), "-")
	if len(exponent)-len(power) > 1 || scaled && power == "" || whole+fraction == "" ||
		strings.Trim(whole+fraction, "0123456789abcdef") != "" || strings.Trim(power, "0123456789") != "" {
		return 0, Errorf(ValueError, "invalid hexadecimal floating-point string")
	}
	if !scaled {
		exponent = "0"
	}
	f, err := strconv.ParseFloat(sign+"0x"+digits+"p"+exponent, 64)
	if err != nil {
		return 0, Errorf(OverflowError, "hexadecimal value too large to represent as a float")
	}
	return f, nil
}
