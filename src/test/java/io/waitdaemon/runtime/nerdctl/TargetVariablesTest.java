package io.waitdaemon.runtime.nerdctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetVariablesTest {

    private static final int LINE = 64 << 10;

    @Test
    void variables_go_into_lines_in_their_order() {
        TargetVariables variables =
                new TargetVariables(List.of("B=1", "A= inner blanks, 'quotes' and $x", "E=", "Ü=ü"));

        assertThat(variables.file()).isEqualTo("B=1\nA= inner blanks, 'quotes' and $x\nE=\nÜ=ü\n");
        assertThat(variables.inherited()).isEmpty();
        assertThat(options(variables).words()).containsExactly("--env-file=/proc/self/fd/0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"A=two\nlines", "A=return\r", "A=blank ", "A=\t", " A=x", "#A=x", "A=no-break\u00a0", "A=\u2003"
            })
    void what_no_line_can_hold_is_inherited_by_name(String entry) {
        TargetVariables variables = new TargetVariables(List.of("B=1", entry));
        String[] variable = entry.split("=", 2);

        assertThat(variables.file()).isEqualTo("B=1\n");
        assertThat(variables.inherited()).isEqualTo(Map.of(variable[0], variable[1]));
        assertThat(options(variables).words()).containsExactly("--env-file=/proc/self/fd/0", "--env=" + variable[0]);
    }

    @Test
    void line_that_is_too_long_is_inherited() {
        String longest = "A=" + "x".repeat(LINE - 4);

        assertThat(new TargetVariables(List.of(longest)).inherited()).isEmpty();
        assertThat(new TargetVariables(List.of(longest + "x")).inherited()).containsKey("A");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATH",
                "LD_PRELOAD",
                "GODEBUG",
                "CONTAINERD_ADDRESS",
                "NERDCTL_TOML",
                "https_proxy",
                "DOCKER_CONFIG"
            })
    void variable_that_would_steer_nerdctl_is_refused_unless_it_fits_a_line(String name) {
        TargetVariables odd = new TargetVariables(List.of(name + "=two\nlines"));

        assertThatThrownBy(odd::inherited)
                .hasMessageContaining("the variable " + name + " can be handed to nerdctl only");
        assertThat(new TargetVariables(List.of(name + "=x")).file()).isEqualTo(name + "=x\n");
    }

    @Test
    void hostname_is_nerdctls_own_affair() {
        assertThat(options(new TargetVariables(List.of("HOSTNAME=mine"))).losses())
                .singleElement()
                .asString()
                .contains("the variable HOSTNAME");
    }

    @Test
    void values_do_not_show() {
        TargetVariables variables = new TargetVariables(List.of("TOKEN=secret", "OTHER=se\ncret"));

        assertThat(variables).hasToString("[TOKEN=***, OTHER=***]");
        assertThat(options(variables).words().toString()).doesNotContain("cret");
    }

    private static Options options(TargetVariables variables) {
        Options options = new Options();
        variables.add(options);
        return options;
    }
}
