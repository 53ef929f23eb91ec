"""The report: printed as it grows, kept as Markdown."""


class Report:
    """Paragraphs, tables, and the lines that say how a workload went."""

    def __init__(self, path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.text = []
        self.lines = []
        self.missed = []

    def heading(self, words):
        self.add(f"\n## {words}\n")

    def paragraph(self, words):
        self.add(words + "\n")

    def line(self, words):
        """The line of a workload: `<workload> <ratio>x` or `<figure> <unit>`."""
        self.lines.append(words)
        self.add(f"**{words}**\n")

    def bar(self, words, is_met):
        """A line with a bar; one that is missed says so."""
        if not is_met:
            self.missed.append(words)
        self.line(words if is_met else f"{words}: MISSED")

    def table(self, headings, rows):
        self.add("| " + " | ".join(headings) + " |")
        self.add("| " + " | ".join("---" for _ in headings) + " |")
        for row in rows:
            self.add("| " + " | ".join(map(str, row)) + " |")
        self.add("")

    def add(self, text):
        print(text, flush=True)
        self.text.append(text)
        self.path.write_text("\n".join(self.text))

    def close(self):
        """Prints every line once more, together."""
        self.add("\n### All lines\n")
        self.add("\n".join(f"    {line}" for line in self.lines))
