package load

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEnvironmentsAreChecked(t *testing.T) {
	t.Parallel()
	many := Environment{}
	for i := range MaxEnvNames + 1 {
		many[fmt.Sprintf("N%d", i)] = "s3cret"
	}
	for name, tc := range map[string]struct {
		env  Environment
		says string
	}{
		"none":           {nil, ""},
		"some":           {Environment{"TOKEN": "s3cret", "_a1": ""}, ""},
		"as long as may": {Environment{"A": strings.Repeat("s", MaxEnvBytes-1)}, ""},
		"too long":       {Environment{"A": strings.Repeat("s", MaxEnvBytes)}, "env: names and values have 65537 bytes together, they may have 64 KiB"},
		"too many":       {many, "env: 101 names are too many, at most 100 are possible"},
		"no name":        {Environment{"": "s3cret"}, `env: "" is not a name: a letter or _, then letters, digits and _`},
		"a digit first":  {Environment{"1A": "s3cret"}, `env: "1A" is not a name`},
		"a line":         {Environment{"A\n": "s3cret"}, `env: "A\n" is not a name`},
		"bytes":          {Environment{"A": "s3cret\xff"}, "env: the value of A is not a text"},
		"a NUL":          {Environment{"A": "s3cret\x00"}, "env: the value of A is not a text"},
	} {
		err := tc.env.Validate()
		if tc.says == "" {
			require.NoError(t, err, name)
			continue
		}
		field, ok := errors.AsType[*FieldError](err)
		require.True(t, ok, name)
		require.Equal(t, "env", field.Field, name)
		require.Contains(t, err.Error(), tc.says, name)
		require.NotContains(t, err.Error(), "s3cret", name)
	}
}

func TestEnvironmentsHideTheirValues(t *testing.T) {
	t.Parallel()
	env := Environment{"TOKEN": "s3cret", "LONG": "s3cret and more\n", "URL": "a/b c&d", "PIN": "123"}
	require.Equal(t, []string{"LONG", "PIN", "TOKEN", "URL"}, env.Names())
	require.Equal(t, "LONG PIN TOKEN URL", fmt.Sprintf("%v", env))
	require.Equal(t, "LONG PIN TOKEN URL", fmt.Sprintf("%#v", env))
	mask := Secrets{Env: env}.Mask()
	for text, want := range map[string]string{
		"x s3cret, s3cret":            "x ***, ***",
		"'s3cret and more\\n'":        "'***'",
		"s3cret and more\n":           "***",
		"/?q=a%2Fb+c%26d and a/b c&d": "/?q=*** and ***",
		"123":                         "123",
	} {
		require.Equal(t, want, mask.Replace(text))
	}
	require.Equal(t, "text", Secrets{}.Mask().Replace("text"))
	require.Nil(t, Environment(nil).Names())
}

// Targets show what they were sent in forms of their own, and scripts show the answers as Python does.
func TestMaskedForms(t *testing.T) {
	t.Parallel()
	mask := Secrets{Env: Environment{"KEY": `ab/c&d<e>f"g`}, Credentials: Credentials{ProxyUser: "rob?:p~ss/w?rd"}}.Mask()
	for name, text := range map[string]string{
		"JSON":                          `ab/c\u0026d\u003ce\u003ef\"g`,
		"JSON of PHP":                   `ab\/c&d<e>f\"g`,
		"JSON of PHP with hexadecimals": `ab\/c\u0026d\u003ce\u003ef\"g`,
		"JSON within quotes":            `ab/c\\u0026d\\u003ce\\u003ef\\"g`,
		"JSON of PHP within quotes":     `ab\\/c\\u0026d\\u003ce\\u003ef\\"g`,
		"Basic":                         "cm9iPzpwfnNzL3c/cmQ=",
		"Basic in JSON of PHP":          `cm9iPzpwfnNzL3c\/cmQ=`,
		"Basic in a URL":                "cm9iPzpwfnNzL3c%2FcmQ%3D",
	} {
		require.Equal(t, "<***>", mask.Replace("<"+text+">"), name)
	}
	require.Empty(t, Forms("abc"))

	mask = Secrets{Env: Environment{"KEY": "it's \"a\\b\"\n"}}.Mask()
	for name, text := range map[string]string{
		"Python":               `'it\'s "a\\b"\n'`,
		"Python within quotes": `'it\\\'s "a\\\\b"\\n'`,
		"Python in JSON":       `'it\\'s \"a\\\\b\"\\n'`,
		"JSON within Python":   `'it\'s \\"a\\\\b\\"\\n'`,
	} {
		require.Equal(t, "'***'", mask.Replace(text), name)
	}
}
