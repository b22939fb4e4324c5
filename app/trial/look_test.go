package trial

import (
	"github.com/chromedp/chromedp"
)

// violation is what axe-core finds.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML   string
		Target []any
	}
}

// look has axe-core judge the screen, keeps a picture of it, and asserts that the
// till's screens need no scrolling at the smallest size of a till.
func (p *page) look(name string) {
	p.Helper()
	keep(p.T, "page-"+name, ask(p, "picture of "+name, chromedp.CaptureScreenshot()))
	p.do("load axe", chromedp.Evaluate[chromedp.Void](p.axe+";0"))
	found := ask(p, "axe on "+name, chromedp.Evaluate[[]violation](`axe.run(document, {resultTypes: ["violations"],
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations)`, chromedp.EvalAwaitPromise))
	for _, v := range found {
		for _, n := range v.Nodes {
			p.Errorf("axe on %s: %s (%s): %s %v", name, v.ID, v.Help, n.HTML, n.Target)
		}
	}
	p.do("smaller", chromedp.EmulateViewport(1024, 768))
	over := value[int](p, `(m => m === null ? 0 : Math.max(m.scrollHeight - m.clientHeight, document.documentElement.scrollWidth - innerWidth))(document.querySelector(".on-till .main"))`)
	if over > 0 {
		p.Errorf("%s: %d pixels too many for 1024x768", name, over)
	}
	p.do("larger", chromedp.EmulateViewport(1280, 800))
}
