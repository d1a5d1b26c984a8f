"""The measures of this product, `python -m bench`: what each one does and why stands in docs/measures.md."""
