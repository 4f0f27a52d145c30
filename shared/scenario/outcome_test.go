package scenario

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Secrets go before anything is cut off: the rest of one would be recognized by nobody.
func TestSecretsAreMaskedBeforeTextsAreCut(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("s3cret-", 19)
	opts := Options{
		Env:  map[string]string{"TOKEN": secret},
		Mask: func(text string) string { return strings.ReplaceAll(text, secret, "***") },
	}
	for name, tt := range map[string]struct{ statement, want string }{
		"in a comparison": {`assert "a" * 50 + TOKEN == "fine"`, "(left: '" + strings.Repeat("a", 50) + "***', right: 'fine')"},
		"in a message":    {`raise ValueError("a" * 4000 + TOKEN + "b" * 5000)`, strings.Repeat("a", 3000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := "import os\nTOKEN = os.environ[\"TOKEN\"]\n"
			task := "@scenario(rps=1)\nclass Shop(VUser):\n    @task\n    def buy(self, client):\n        "
			p, err := Compile(t.Context(), "script.py", []byte(prelude+script+task+tt.statement+"\n"), opts)
			require.NoError(t, err)
			plan, err := p.Plan("")
			require.NoError(t, err)
			r, err := p.NewRunner(t.Context(), plan, opts)
			require.NoError(t, err)
			out := r.NewUser().Run(t.Context(), 0, 0, nil)
			require.Contains(t, out.Message, tt.want)
			require.NotContains(t, out.Message, "s3cret")

			_, err = Compile(t.Context(), "script.py", []byte(prelude+script+tt.statement+"\n"+task+"pass\n"), opts)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}
