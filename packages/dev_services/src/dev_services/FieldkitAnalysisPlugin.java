package org.fieldkit;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenizer;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The analysis that Wagtail's index settings name, from the Lucene of a build of
 * Elasticsearch that leaves out the module analysis-common. One source for 8 and 9.
 */
public class FieldkitAnalysisPlugin extends Plugin implements AnalysisPlugin {
    // An interface, because AbstractTokenFilterFactory differs between 8 and 9.
    private record Filter(String name, UnaryOperator<TokenStream> apply)
            implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream input) {
            return apply.apply(input);
        }
    }

    private static int min(Settings settings) {
        return settings.getAsInt("min_gram", 1);
    }

    private static int max(Settings settings) {
        return settings.getAsInt("max_gram", 2);
    }

    private static boolean keep(Settings settings) {
        return settings.getAsBoolean("preserve_original", false);
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "ngram", (index, node, name, set) -> new Filter(name,
                input -> new NGramTokenFilter(input, min(set), max(set), keep(set))),
            "edge_ngram", (index, node, name, set) -> new Filter(name,
                input -> new EdgeNGramTokenFilter(input, min(set), max(set), keep(set))),
            "asciifolding", (index, node, name, set) -> new Filter(name,
                input -> new ASCIIFoldingFilter(input, keep(set))));
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of(
            "ngram", (index, node, name, set) -> TokenizerFactory.newFactory(name,
                () -> new NGramTokenizer(min(set), max(set))),
            "edge_ngram", (index, node, name, set) -> TokenizerFactory.newFactory(name,
                () -> new EdgeNGramTokenizer(min(set), max(set))));
    }

    @Override
    public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
        return List.of(
            PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new));
    }
}
